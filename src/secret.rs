//! Random tokens and signatures.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SecureRandom as _;
use ring::{digest, hmac, rand};

/// `N` bytes from the operating system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "a machine that cannot give random bytes must not hand out tokens")]
    rand::SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// The shared key of this name, made on first use. All nodes of one database get the same.
pub async fn shared_key(conn: &mut sqlx::PgConnection, name: &str) -> crate::refusal::Result<Vec<u8>> {
    sqlx::query!("insert into secrets (name, value) values ($1, $2) on conflict do nothing", name, &random_bytes::<32>()[..])
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query_scalar!("select value from secrets where name = $1", name).fetch_one(conn).await?)
}

/// 256 random bits as 43 characters that fit in a URL.
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// HMAC-SHA256 of a message, as URL-safe text.
pub fn sign(key: &[u8], message: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message))
}

/// Compares in constant time.
pub fn signature_is_valid(key: &[u8], message: &[u8], signature: &str) -> bool {
    URL_SAFE_NO_PAD.decode(signature).is_ok_and(|tag| hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), message, &tag).is_ok())
}

/// Compares two secrets without telling by the time it takes how much of them agrees.
pub fn constant_time_eq(a: &str, b: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &random_bytes::<32>());
    hmac::verify(&key, b.as_bytes(), hmac::sign(&key, a.as_bytes()).as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_for_one_message_and_one_key() {
        let signature = sign(b"key", b"order 1");
        assert!(signature_is_valid(b"key", b"order 1", &signature));
        assert!(!signature_is_valid(b"key", b"order 2", &signature));
        assert!(!signature_is_valid(b"other", b"order 1", &signature));
        assert!(!signature_is_valid(b"key", b"order 1", "not base64!"));
    }

    #[test]
    fn secrets_compare_by_value() {
        assert!(constant_time_eq("abc", "abc"));
        assert!(!constant_time_eq("abc", "abd"));
        assert_ne!(random_token(), random_token());
    }
}
