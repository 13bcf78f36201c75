select format('journal %s of order %s sums to %s %s', journal_id, order_id, sum(amount_minor), currency) as "detail!"
from ledger_entries
group by order_id, journal_id, currency
having sum(amount_minor) <> 0
limit $1
