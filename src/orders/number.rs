//! Order numbers: short, readable over the phone, and telling nobody how many orders there are.

use crate::ids::OrderId;
use crate::refusal::Result;
use crate::secret::random_bytes;
use sqlx::PgConnection;

/// Crockford's base 32: no I, L, O or U to misread.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `W-` and eight random characters: 2^40 numbers, so that guessing one is hopeless.
pub fn new_number() -> String {
    let text: String = random_bytes::<8>().iter().map(|b| char::from(ALPHABET[usize::from(b % 32)])).collect();
    format!("W-{}-{}", &text[..4], &text[4..])
}

/// Takes a number nobody has. Numbers are unique as long as the order lives.
pub(super) async fn claim_number(conn: &mut PgConnection, order: OrderId) -> Result<String> {
    loop {
        let number = new_number();
        let claimed = sqlx::query!("insert into order_numbers (number, order_id) values ($1, $2) on conflict do nothing", number, order.0)
            .execute(&mut *conn)
            .await?;
        if claimed.rows_affected() == 1 {
            return Ok(number);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_read_well() {
        let number = super::new_number();
        assert_eq!(number.len(), 11);
        assert!(number.starts_with("W-") && !number.contains(['I', 'L', 'O', 'U']), "{number}");
    }
}
