//! People and their addresses, in versions that can be erased. Events and orders name a version; they never repeat it.

use crate::geo::{self, GeoPoint};
use crate::refusal::FieldProblem;
use serde::{Deserialize, Serialize};

/// An address as somebody typed it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RawContact {
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub street: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
}

/// An address that can be delivered to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub street: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
    pub point: GeoPoint,
}

const LONGEST: usize = 200;

impl RawContact {
    /// Checks everything and names each field that is wrong. `at` is the JSON pointer of the contact in the input.
    pub fn parse(&self, at: &str, needs_address: bool) -> Result<Contact, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, message: &str| problems.push(FieldProblem { field: format!("{at}/{field}"), message: message.to_owned() });
        let clean = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let optional = |text: &Option<String>| text.as_deref().map(clean).filter(|t| !t.is_empty());

        let name = clean(&self.name);
        if name.is_empty() {
            wrong("name", "Enter the name of the person who receives the order.");
        }
        let email = optional(&self.email);
        if let Some(email) = &email {
            let valid = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.ends_with('.'));
            if !valid || email.contains(' ') {
                wrong("email", "Enter an e-mail address, such as name@example.com.");
            }
        }
        let phone = optional(&self.phone);
        if phone.as_ref().is_some_and(|p| p.chars().filter(char::is_ascii_digit).count() < 6) {
            wrong("phone", "Enter a phone number with its area code, or leave it empty.");
        }
        if email.is_none() && phone.is_none() {
            wrong("email", "Enter an e-mail address or a phone number, so that we can tell you about the order.");
        }
        let country = self.country.trim().to_ascii_uppercase();
        let (street, city, postcode) = (clean(&self.street), clean(&self.city), clean(&self.postcode).to_uppercase());
        if needs_address {
            if street.is_empty() {
                wrong("street", "Enter the street and house number.");
            }
            if city.is_empty() {
                wrong("city", "Enter the town or city.");
            }
            if let Some(country) = geo::country_by_code(&country).filter(|c| !c.has_postcode(&postcode)) {
                if postcode.is_empty() {
                    wrong("postcode", "Enter the postcode.");
                } else {
                    wrong("postcode", &format!("This postcode does not fit the country ({}). Check both.", country.name));
                }
            }
        }
        let point = geo::locate(&country, &postcode);
        if point.is_none() {
            wrong("country", "Choose a country that we deliver to, by its two-letter code, such as GB.");
        }
        if [&name, &street, &city, &postcode].iter().any(|t| t.chars().count() > LONGEST) {
            wrong("name", "Shorten the name or address: each field takes at most 200 characters.");
        }
        match point {
            Some(point) if problems.is_empty() => Ok(Contact { name, email, phone, street, city, postcode, country, point }),
            _ => Err(problems),
        }
    }
}

#[cfg(feature = "postgres")]
mod groups;
#[cfg(feature = "postgres")]
mod keep_contacts;
pub mod views;
#[cfg(feature = "postgres")]
pub use {
    groups::{list_customer_groups, put_customer_group},
    keep_contacts::{keep_contact, keep_contacts},
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_named_at_once() {
        let raw = RawContact { country: "XX".to_owned(), email: Some("nobody".to_owned()), ..RawContact::default() };
        let fields: Vec<String> = raw.parse("/contact", true).unwrap_err().into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["/contact/name", "/contact/email", "/contact/street", "/contact/city", "/contact/country"]);
    }
}
