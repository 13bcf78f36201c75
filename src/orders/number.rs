//! Order numbers: short, readable over the phone, and telling nobody how many orders there are.

use crate::ids::OrderId;
use crate::refusal::Result;
use crate::secret::random_bytes;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Crockford's base 32: no I, L, O or U to misread.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `W-` and eight random characters: 2^40 numbers, so that guessing one is hopeless.
pub fn new_number() -> String {
    let text: String = random_bytes::<8>().iter().map(|b| char::from(ALPHABET[usize::from(b % 32)])).collect();
    format!("W-{}-{}", &text[..4], &text[4..])
}

/// An order number as somebody typed or read it out: spaces, hyphens, case and a missing `W` do not matter, nor do the letters that look
/// like digits (Crockford: O is 0, I and L are 1). What is no number stays as it is, in capitals.
pub(super) fn read_number(text: &str) -> String {
    let capitals = text.trim().to_ascii_uppercase();
    let compact: String = capitals.chars().filter(char::is_ascii_alphanumeric).collect();
    let body = if compact.len() == 9 { compact.strip_prefix('W').unwrap_or(&compact) } else { &compact };
    let body: String = body
        .chars()
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect();
    if body.len() == 8 && body.bytes().all(|b| ALPHABET.contains(&b)) { format!("W-{}-{}", &body[..4], &body[4..]) } else { capitals }
}

/// Takes a number nobody has for each of some orders, and gives them in the same order.
pub(super) async fn claim_numbers(conn: &mut PgConnection, orders: &[OrderId]) -> Result<Vec<String>> {
    let mut numbers: BTreeMap<OrderId, String> = BTreeMap::new();
    while numbers.len() < orders.len() {
        // In the order of the numbers, so that no two batches wait for each other in a circle.
        let mut drawn: Vec<(String, Uuid)> = orders.iter().filter(|o| !numbers.contains_key(o)).map(|o| (new_number(), o.0)).collect();
        drawn.sort_unstable();
        let (drawn, ids): (Vec<String>, Vec<Uuid>) = drawn.into_iter().unzip();
        let claimed = sqlx::query!(
            r#"insert into order_numbers (number, order_id)
            select * from unnest($1::text[], $2::uuid[])
            on conflict do nothing
            returning number, order_id as "order: OrderId""#,
            &drawn,
            &ids
        )
        .fetch_all(&mut *conn)
        .await?;
        numbers.extend(claimed.into_iter().map(|c| (c.order, c.number)));
    }
    Ok(orders.iter().filter_map(|o| numbers.remove(o)).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_found_however_they_are_typed() {
        for typed in ["W-7K3M-0Q1D", " w-7k3m-oqld ", "7K3M0Q1D", "w7k3m0qid", "W 7K3M 0Q1D"] {
            assert_eq!(super::read_number(typed), "W-7K3M-0Q1D", "{typed}");
        }
        assert_eq!(super::read_number("wh-nth"), "WH-NTH");
    }

    #[test]
    fn numbers_read_well() {
        let number = super::new_number();
        assert_eq!(number.len(), 11);
        assert!(number.starts_with("W-") && !number.contains(['I', 'L', 'O', 'U']), "{number}");
    }
}
