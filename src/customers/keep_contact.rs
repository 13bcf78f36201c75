//! Keeps a contact as the first version of a new row.

use super::Contact;
use crate::ids::ContactId;
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Stores a contact. Returns its id; the version is 1.
pub async fn keep_contact(conn: &mut PgConnection, now: DateTime<Utc>, contact: &Contact) -> Result<ContactId> {
    let id = ContactId::new(now);
    sqlx::query!(
        "insert into contacts (contact_id, version, name, email, phone, street, city, postcode, country, latitude, longitude, created_at)
        values ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id.0,
        contact.name,
        contact.email,
        contact.phone,
        contact.street,
        contact.city,
        contact.postcode,
        contact.country,
        contact.point.latitude,
        contact.point.longitude,
        now
    )
    .execute(conn)
    .await?;
    Ok(id)
}
