//! The words of messages. Plain text: every mail program shows it, and nothing in it is looked up elsewhere.

use super::NotificationKind;
use chrono::NaiveDate;

/// What messages say of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The shop.
    pub company: String,
    pub number: String,
    pub first_name: String,
    /// Such as `2 × Brass lantern`.
    pub lines: Vec<String>,
    /// What the customer is asked about.
    pub missing: Vec<String>,
    /// Something else can be sent in its place.
    pub has_offers: bool,
    pub total: String,
    /// What the customer calls the way of delivery.
    pub delivery: Option<String>,
    /// Where it is collected.
    pub store: Option<String>,
    pub pickup_code: Option<String>,
    /// A part of what is collected is still to come.
    pub more_comes: bool,
    /// The day by which it is promised.
    pub day: Option<NaiveDate>,
    /// The time from when on it can be collected on that day, or is delivered.
    pub from: Option<String>,
    /// The time until when it is delivered.
    pub until: Option<String>,
    /// The day that it was promised for first, where another is promised now.
    pub first_day: Option<NaiveDate>,
    /// Carrier and number.
    pub parcel: Option<(String, String)>,
    /// It comes sooner than was said last.
    pub comes_sooner: bool,
    /// What a rule has written to staff; what is sent in the place of something else.
    pub note: String,
    /// The customer's page; the desk's for staff.
    pub link: String,
}

/// A message's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub body: String,
}

fn day_words(day: NaiveDate) -> String {
    day.format("%A, %-d %B %Y").to_string()
}

/// Writes a message.
pub fn compose(kind: NotificationKind, facts: &Facts) -> Letter {
    let number = &facts.number;
    let when = match (&facts.store, facts.day) {
        (Some(store), Some(day)) => {
            let from = facts.from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
            Some(format!("It will be ready at {store} on {}{from}.", day_words(day)))
        }
        (None, Some(day)) => Some(match (&facts.from, &facts.until) {
            (Some(from), Some(until)) => format!("It will be with you on {} between {from} and {until}.", day_words(day)),
            _ => format!("It will be with you by {}.", day_words(day)),
        }),
        (_, None) => None,
    };
    let (subject, said): (String, Vec<String>) = match kind {
        NotificationKind::Confirmed => {
            let mut said = vec![format!("thank you for your order {number}. We have received it, and your payment is authorised.")];
            said.extend(when);
            said.push(format!("You ordered:\n{}", facts.lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")));
            let delivery = facts.delivery.as_ref().map(|delivery| format!(", {}", delivery.to_lowercase())).unwrap_or_default();
            said.push(format!("Total: {}{delivery}, VAT included.", facts.total));
            (format!("We have your order {number}"), said)
        }
        NotificationKind::Shipped => {
            let mut said = vec![match &facts.parcel {
                Some((carrier, tracking)) => format!("a parcel of your order {number} is on its way with {carrier}, number {tracking}."),
                None => format!("a parcel of your order {number} is on its way."),
            }];
            said.extend(when);
            (format!("On its way: your order {number}"), said)
        }
        NotificationKind::Ready => {
            let store = facts.store.as_deref().unwrap_or("the store");
            let what = if facts.more_comes { "a part of your order" } else { "your order" };
            let mut said = vec![format!("{what} {number} is ready for you at {store}.")];
            if facts.more_comes {
                said.push("The rest is still to come: we write again when it is there. You can collect all of it then.".to_owned());
            }
            said.extend(facts.pickup_code.as_ref().map(|code| format!("Show this code at the counter: {code}")));
            (format!("Ready to collect: your order {number}"), said)
        }
        NotificationKind::DateMoved => {
            let first = facts.first_day.map(|day| format!(" We told you {} first.", day_words(day))).unwrap_or_default();
            let said = match when {
                Some(when) if facts.comes_sooner => vec![format!("good news: your order {number} comes sooner than we said last. {when}")],
                Some(when) => vec![format!("your order {number} comes later than we said. {when}{first}"), "We are sorry for that.".to_owned()],
                None => vec![
                    format!("your order {number} comes later than we said, and we do not know yet when.{first}"),
                    "We are sorry for that, and tell you as soon as we know.".to_owned(),
                ],
            };
            (format!("A new date for your order {number}"), said)
        }
        NotificationKind::Asked => {
            let missing = facts.missing.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
            let said = vec![
                format!("this of your order {number} is not there after all:\n{missing}"),
                if facts.has_offers {
                    "Shall we send it when we have it, or the other thing instead at the same price, or will you do without it? Tell us on the page of \
                     your order. We charge only what we send."
                        .to_owned()
                } else {
                    "Shall we send it when we have it, or will you do without it? Tell us on the page of your order. We charge only what we send."
                        .to_owned()
                },
            ];
            (format!("A question about your order {number}"), said)
        }
        NotificationKind::Substituted => {
            let mut said = vec![format!(
                "something of your order {number} is not there, so that we send what we have in its place, at the same price: {}.",
                facts.note
            )];
            said.extend(when);
            said.push("If you would rather not have it, cancel the order on its page before it leaves, or send it back to us.".to_owned());
            (format!("Something else is sent: your order {number}"), said)
        }
        NotificationKind::AppointmentMoved => {
            let lines = facts.lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
            (format!("Another time for your order {number}"), vec![format!("we come at another time for your order {number}:\n{lines}")])
        }
        NotificationKind::Staff => {
            let body = format!("{}\n\nOrder {number}:\n{}\n\nA routing rule has this written to you.\n", facts.note, facts.link);
            return Letter { subject: format!("Order {number}: {}", facts.note), body };
        }
        NotificationKind::Delivered => {
            (format!("Delivered: your order {number}"), vec![format!("a parcel of your order {number} was delivered. We hope you like it.")])
        }
    };
    let body = format!("Hello {},\n\n{}\n\nFollow it here:\n{}\n\n{}\n", facts.first_name, said.join("\n\n"), facts.link, facts.company);
    Letter { subject, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            company: "Lantern & Larder".into(),
            number: "W-ABCD".into(),
            first_name: "Wren".into(),
            lines: vec!["2 × Brass lantern".into(), "1 × Oak jug".into()],
            total: "£41.95".into(),
            delivery: Some("Standard delivery".into()),
            day: NaiveDate::from_ymd_opt(2026, 12, 4),
            link: "https://shop.example/track/o/x".into(),
            ..Facts::default()
        }
    }

    #[test]
    fn a_confirmation_says_what_and_when() {
        let letter = compose(NotificationKind::Confirmed, &facts());
        assert_eq!(letter.subject, "We have your order W-ABCD");
        assert_eq!(
            letter.body,
            "Hello Wren,\n\nthank you for your order W-ABCD. We have received it, and your payment is authorised.\n\nIt will be with you by Friday, 4 December 2026.\n\nYou ordered:\n  2 × Brass lantern\n  1 × Oak jug\n\nTotal: £41.95, standard delivery, VAT included.\n\nFollow it here:\nhttps://shop.example/track/o/x\n\nLantern & Larder\n"
        );
    }

    #[test]
    fn a_new_date_names_both_or_says_that_none_is_known() {
        let moved = Facts { first_day: NaiveDate::from_ymd_opt(2026, 12, 3), ..facts() };
        let body = compose(NotificationKind::DateMoved, &moved).body;
        assert!(body.contains("by Friday, 4 December 2026. We told you Thursday, 3 December 2026 first."), "{body}");
        let unknown = Facts { day: None, ..moved };
        assert!(compose(NotificationKind::DateMoved, &unknown).body.contains("we do not know yet when"));
    }

    #[test]
    fn a_pickup_shows_its_code() {
        let ready = Facts { store: Some("Leeds store".into()), pickup_code: Some("123456".into()), ..facts() };
        assert!(compose(NotificationKind::Ready, &ready).body.contains("Show this code at the counter: 123456"));
        let from = Facts { from: Some("16:00".into()), ..ready };
        assert!(compose(NotificationKind::Confirmed, &from).body.contains("ready at Leeds store on Friday, 4 December 2026 from 16:00."));
    }
}
