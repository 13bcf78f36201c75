//! Who bought, and where they live: the file knows a number and a country, the rest is drawn.

use super::super::{draw, seed_of};
use super::SOURCE;
use super::file::Line;
use crate::customers::{Contact, keep_contact};
use crate::geo::{BRITISH_CITIES, GeoPoint, country_by_code};
use crate::ids::{ContactId, CustomerId};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;

/// The file's countries by ISO 3166-1 code; what is no country is placed where its trade was.
fn country_code(name: &str) -> &'static str {
    const NAMES: &[(&str, &str)] = &[
        ("United Kingdom", "GB"),
        ("EIRE", "IE"),
        ("USA", "US"),
        ("RSA", "ZA"),
        ("Channel Islands", "JE"),
        ("European Community", "BE"),
        ("Unspecified", "GB"),
        ("Czech Republic", "CZ"),
        ("Korea", "KR"),
    ];
    NAMES
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, code)| *code)
        .or_else(|| crate::geo::COUNTRIES.iter().find(|c| c.name == name).map(|c| c.code))
        .unwrap_or("GB")
}

/// Where somebody lives: British people over the largest cities by population, others in their country's largest city.
fn destination(seed: u64, code: &'static str) -> (String, String, GeoPoint) {
    if code == "GB" {
        let population: u64 = BRITISH_CITIES.iter().map(|c| u64::from(c.population)).sum();
        let mut left = draw(seed, population);
        for city in BRITISH_CITIES {
            if left < u64::from(city.population) {
                let postcode = format!("{}{} {}AB", city.postcode_area, 1 + draw(seed ^ 1, 9), draw(seed ^ 2, 10));
                return (city.name.to_owned(), postcode, city.point);
            }
            left -= u64::from(city.population);
        }
    }
    country_by_code(code).map_or_else(|| destination(seed, "GB"), |c| (c.largest_city.to_owned(), "10001".to_owned(), c.point))
}

/// A person of the file, as orders name them.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub customer: Option<CustomerId>,
    pub contact: ContactId,
    pub point: GeoPoint,
    pub country: &'static str,
    pub postcode: String,
}

/// A customer of the file is one person; an invoice without one is a guest of its own.
fn person_key(line: &Line, invoice: &str) -> String {
    line.customer.clone().unwrap_or_else(|| format!("guest {}", invoice.trim_start_matches('C')))
}

/// Where the buyer of an invoice lives.
pub(super) fn home_of(line: &Line, invoice: &str) -> GeoPoint {
    destination(seed_of(&person_key(line, invoice)), country_code(&line.country)).2
}

/// Those who have been met.
#[derive(Default)]
pub(super) struct People(HashMap<String, Person>);

impl People {
    /// The buyer of an invoice; registered when met first.
    pub async fn meet(&mut self, conn: &mut PgConnection, line: &Line, invoice: &str) -> Result<Person> {
        let key = person_key(line, invoice);
        if let Some(person) = self.0.get(&key) {
            return Ok(person.clone());
        }
        let country = country_code(&line.country);
        let (city, postcode, point) = destination(seed_of(&key), country);
        let street = format!("{} Example Street", 1 + draw(seed_of(&key), 200));
        let kept = postcode.clone();
        let contact =
            |name: String, email: Option<String>| Contact { name, email, phone: None, street, city, postcode, country: country.to_owned(), point };
        let person = match &line.customer {
            None => {
                let contact = keep_contact(conn, line.at, &contact("Guest".to_owned(), None)).await?;
                Person { customer: None, contact, point, country, postcode: kept }
            }
            Some(id) => {
                let contact = contact(format!("Customer {id}"), Some(format!("customer{id}@example.com")));
                let (customer, contact) = known_or_new(conn, &format!("{SOURCE}:{id}"), &contact, line.at).await?;
                Person { customer: Some(customer), contact, point, country, postcode: kept }
            }
        };
        self.0.insert(key, person.clone());
        Ok(person)
    }
}

async fn known_or_new(conn: &mut PgConnection, external_id: &str, contact: &Contact, at: DateTime<Utc>) -> Result<(CustomerId, ContactId)> {
    let known = sqlx::query!(
        r#"select customer_id as "customer: CustomerId", contact_id as "contact: ContactId" from customers where external_id = $1"#,
        external_id
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(row) = known {
        return Ok((row.customer, row.contact));
    }
    let (customer, contact) = (CustomerId::new(at), keep_contact(conn, at, contact).await?);
    sqlx::query!(
        "insert into customers (customer_id, external_id, contact_id, created_at) values ($1, $2, $3, $4)",
        customer.0,
        external_id,
        contact.0,
        at
    )
    .execute(conn)
    .await?;
    Ok((customer, contact))
}
