//! The places themselves: what is set of a location, from when on, and by whom. Every change is effective-dated, can be looked at before it
//! is made, is recorded with before and after, and can be undone.

use super::LocationKind;
use crate::events::Change;
use crate::money::{COMPANY_CURRENCY, Money};
use serde::{Deserialize, Serialize};

pub mod views;

/// When a location is open on one weekday.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayHours {
    /// ISO 8601: Monday is 1.
    pub weekday: i16,
    /// `HH:MM`, the location's own time, as are the next two.
    pub opens: String,
    pub closes: String,
    /// Orders released before this leave the same day.
    pub cut_off: String,
}

/// All that can be set of a location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationSettings {
    pub name: String,
    pub kind: LocationKind,
    pub street: String,
    pub city: String,
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// IANA name, such as `Europe/London`.
    pub time_zone: String,
    /// Sends parcels.
    pub ships: bool,
    /// Hands orders over at its counter.
    pub offers_pickup: bool,
    /// Lower is preferred, 1 to 1,000.
    pub priority: i32,
    /// Minutes from release to hand-over, at most a week.
    pub handling_minutes: i32,
    /// Orders a day; none is no limit.
    pub daily_order_capacity: Option<i32>,
    /// Closed on the public holidays of its country.
    pub keeps_holidays: bool,
    /// Words that routing rules ask for.
    pub tags: Vec<String>,
    /// Licences, insurances and what else rules ask about, each as `name=value`.
    pub attributes: Vec<String>,
    /// What packing a parcel costs here, and each unit in it, minor units.
    pub handling_order_minor: i64,
    pub handling_unit_minor: i64,
    /// Weekdays that are not named are closed.
    pub hours: Vec<DayHours>,
}

pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl LocationSettings {
    /// What a new location's form begins with.
    pub fn starting() -> Self {
        let hours = (1..=6).map(|weekday| DayHours { weekday, opens: "09:00".to_owned(), closes: "18:00".to_owned(), cut_off: "14:00".to_owned() });
        Self {
            name: String::new(),
            kind: LocationKind::Store,
            street: String::new(),
            city: String::new(),
            postcode: String::new(),
            country: "GB".to_owned(),
            time_zone: "Europe/London".to_owned(),
            ships: true,
            offers_pickup: true,
            priority: 100,
            handling_minutes: 120,
            daily_order_capacity: None,
            keeps_holidays: true,
            tags: Vec::new(),
            attributes: Vec::new(),
            handling_order_minor: 0,
            handling_unit_minor: 0,
            hours: hours.collect(),
        }
    }

    /// What is different in `after`, in the order of the form.
    pub fn changes_to(&self, after: &Self) -> Vec<Change> {
        let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        let pounds = |minor: i64| Money::new(minor, COMPANY_CURRENCY).to_string();
        let limit = |limit: Option<i32>| limit.map_or_else(|| "no limit".to_owned(), |n| n.to_string());
        let mut pairs = vec![
            ("Name", self.name.clone(), after.name.clone()),
            ("Kind", self.kind.label().to_owned(), after.kind.label().to_owned()),
            ("Street", self.street.clone(), after.street.clone()),
            ("City", self.city.clone(), after.city.clone()),
            ("Postcode", self.postcode.clone(), after.postcode.clone()),
            ("Country", self.country.clone(), after.country.clone()),
            ("Time zone", self.time_zone.clone(), after.time_zone.clone()),
            ("Sends parcels", yes_no(self.ships), yes_no(after.ships)),
            ("Click and collect", yes_no(self.offers_pickup), yes_no(after.offers_pickup)),
            ("Priority", self.priority.to_string(), after.priority.to_string()),
            ("Handling time, minutes", self.handling_minutes.to_string(), after.handling_minutes.to_string()),
            ("Orders a day", limit(self.daily_order_capacity), limit(after.daily_order_capacity)),
            ("Closed on public holidays", yes_no(self.keeps_holidays), yes_no(after.keeps_holidays)),
            ("Tags", self.tags.join(", "), after.tags.join(", ")),
            ("Fields", self.attributes.join(", "), after.attributes.join(", ")),
            ("Packing a parcel costs", pounds(self.handling_order_minor), pounds(after.handling_order_minor)),
            ("Packing a unit costs", pounds(self.handling_unit_minor), pounds(after.handling_unit_minor)),
        ];
        pairs.extend((1..).zip(WEEKDAYS).map(|(n, day)| (day, self.hours_on(n), after.hours_on(n))));
        pairs
            .into_iter()
            .filter(|(_, before, after)| before != after)
            .map(|(field, before, after)| Change { field: field.to_owned(), before, after })
            .collect()
    }

    fn hours_on(&self, weekday: i16) -> String {
        let day = self.hours.iter().find(|d| d.weekday == weekday);
        day.map_or_else(|| "closed".to_owned(), |d| format!("{} to {}, cut-off {}", d.opens, d.closes, d.cut_off))
    }
}

/// What a change would meet at a location: what is there now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touches {
    /// Fulfilment orders that have not left: to be sent, and to be collected.
    pub to_send: i64,
    pub to_collect: i64,
    /// Orders counted against today.
    pub taken_today: i64,
    pub reserved_units: i64,
    pub units_on_hand: i64,
}

impl Touches {
    /// What a change means for what is there, in sentences.
    pub fn consequences(&self, before: &LocationSettings, after: &LocationSettings) -> Vec<String> {
        let mut said = Vec::new();
        let stays = |count: i64, what: &str| match count {
            0 => "Nothing waits there now.".to_owned(),
            1 => format!("1 order that {what} stays with it."),
            n => format!("{n} orders that {what} stay with it."),
        };
        if before.ships && !after.ships {
            said.push(format!("New parcels are sent from elsewhere. {}", stays(self.to_send, "it has still to send")));
        }
        if before.offers_pickup && !after.offers_pickup {
            said.push(format!("Customers can no longer choose it to collect from. {}", stays(self.to_collect, "customers will collect there")));
        }
        if before.ships != after.ships && after.ships {
            said.push(format!("The {} units it has on hand can be sent to customers from now on.", self.units_on_hand));
        }
        if before.daily_order_capacity.is_none() && after.daily_order_capacity.is_some() {
            said.push("Orders are counted from now on: those it took earlier today do not count.".to_owned());
        }
        if let Some(limit) = after.daily_order_capacity.filter(|_| before.daily_order_capacity != after.daily_order_capacity)
            && self.taken_today >= i64::from(limit)
        {
            said.push(format!("It has taken {} orders today: no more will come until tomorrow.", self.taken_today));
        }
        if before.postcode != after.postcode || before.country != after.country {
            said.push("Distances to customers are measured from the new address: other orders may come here.".to_owned());
        }
        if before.time_zone != after.time_zone {
            said.push("Its day, and with it its daily capacity, begins at another moment.".to_owned());
        }
        said
    }

    /// What closing means for what is there, in sentences.
    pub fn when_closed(&self) -> Vec<String> {
        let mut said = vec!["No new order is assigned to it while it is closed, and nobody can choose it to collect from.".to_owned()];
        if self.to_send + self.to_collect > 0 {
            said.push(format!(
                "{} orders are with it now ({} to be sent, {} to be collected): they stay, and wait until it opens again.",
                self.to_send + self.to_collect,
                self.to_send,
                self.to_collect
            ));
        }
        if self.units_on_hand > 0 {
            said.push(format!("Its {} units on hand are not offered meanwhile.", self.units_on_hand));
        }
        said
    }
}

#[cfg(feature = "postgres")]
mod change_location;
#[cfg(feature = "postgres")]
mod check;
#[cfg(feature = "postgres")]
mod close_location;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
pub use {
    change_location::{change_location, open_location, preview_change, undo_change},
    check::local_moment,
    close_location::{close_location, note_closure, reopen_location, tell_closed, withdraw_closure},
    list::{list_places, read_place},
};

#[cfg(test)]
mod tests {
    use super::*;

    fn leeds() -> LocationSettings {
        LocationSettings {
            name: "Leeds store".to_owned(),
            kind: LocationKind::Store,
            street: "1 Example Street".to_owned(),
            city: "Leeds".to_owned(),
            postcode: "LS1 6DT".to_owned(),
            country: "GB".to_owned(),
            time_zone: "Europe/London".to_owned(),
            ships: true,
            offers_pickup: true,
            priority: 50,
            handling_minutes: 120,
            daily_order_capacity: None,
            keeps_holidays: true,
            tags: Vec::new(),
            attributes: Vec::new(),
            handling_order_minor: 0,
            handling_unit_minor: 0,
            hours: vec![DayHours { weekday: 1, opens: "09:00".to_owned(), closes: "18:00".to_owned(), cut_off: "14:00".to_owned() }],
        }
    }

    #[test]
    fn changes_are_named_one_by_one() {
        let after = LocationSettings { daily_order_capacity: Some(40), hours: Vec::new(), ..leeds() };
        let changes = leeds().changes_to(&after);
        let said: Vec<(&str, &str, &str)> = changes.iter().map(|c| (c.field.as_str(), c.before.as_str(), c.after.as_str())).collect();
        assert_eq!(said, [("Orders a day", "no limit", "40"), ("Monday", "09:00 to 18:00, cut-off 14:00", "closed")]);
        assert_eq!(leeds().changes_to(&leeds()), []);
    }

    #[test]
    fn what_is_there_is_told() {
        let touches = Touches { to_send: 3, to_collect: 1, taken_today: 41, reserved_units: 9, units_on_hand: 700 };
        let after = LocationSettings { ships: false, offers_pickup: false, daily_order_capacity: Some(40), ..leeds() };
        let said = touches.consequences(&leeds(), &after);
        assert_eq!(said.len(), 4);
        assert!(said[0].contains("3 orders that it has still to send stay") && said[1].contains("1 order that"), "{said:?}");
        assert!(said[3].contains("no more will come until tomorrow"));
        assert_eq!(touches.consequences(&leeds(), &leeds()), Vec::<String>::new());
    }
}
