//! Keeps contacts, each as the first version of a new row.

use super::Contact;
use crate::ids::ContactId;
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Stores contacts, each with the time it became known. Returns their ids in the same order; the version of each is 1.
pub async fn keep_contacts(conn: &mut PgConnection, contacts: &[(DateTime<Utc>, &Contact)]) -> Result<Vec<ContactId>> {
    let ids: Vec<ContactId> = contacts.iter().map(|(at, _)| ContactId::new(*at)).collect();
    macro_rules! column {
        ($contact:ident => $value:expr) => {
            &contacts.iter().map(|(_, $contact)| $value).collect::<Vec<_>>()
        };
    }
    sqlx::query!(
        "insert into contacts (contact_id, version, name, email, phone, street, city, postcode, country, latitude, longitude, created_at)
        select contact_id, 1, name, email, phone, street, city, postcode, country, latitude, longitude, created_at
        from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::float8[], $10::float8[], $11::timestamptz[])
            as c (contact_id, name, email, phone, street, city, postcode, country, latitude, longitude, created_at)",
        &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
        column!(c => c.name.clone()),
        column!(c => c.email.clone()) as _,
        column!(c => c.phone.clone()) as _,
        column!(c => c.street.clone()),
        column!(c => c.city.clone()),
        column!(c => c.postcode.clone()),
        column!(c => c.country.clone()),
        column!(c => c.point.latitude),
        column!(c => c.point.longitude),
        &contacts.iter().map(|(at, _)| *at).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(ids)
}

/// Stores one contact.
pub async fn keep_contact(conn: &mut PgConnection, at: DateTime<Utc>, contact: &Contact) -> Result<ContactId> {
    let kept = keep_contacts(conn, &[(at, contact)]).await?;
    Ok(kept.into_iter().next().ok_or(sqlx::Error::RowNotFound)?)
}
