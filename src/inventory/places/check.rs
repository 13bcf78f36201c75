//! What a location's settings must be like.

use super::{LocationSettings, WEEKDAYS};
use crate::geo::{self, GeoPoint};
use crate::refusal::{FieldProblem, Refusal};
use crate::tags::{clean_fields, clean_tags};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeZone as _, Utc};

/// A weekday's hours, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hours {
    pub weekday: i16,
    pub opens: NaiveTime,
    pub closes: NaiveTime,
    pub cut_off: NaiveTime,
}

const LONGEST: usize = 200;
/// A week.
const MOST_HANDLING: i32 = 7 * 24 * 60;
const MOST_ORDERS: i32 = 1_000_000;
const MOST_MINOR: i64 = 1_000_000;

/// Everything wrong with the settings, or where the location is and when it is open.
pub(super) fn check(settings: &LocationSettings) -> Result<(GeoPoint, Vec<Hours>), Refusal> {
    let mut problems = Vec::new();
    let mut wrong = |field: String, message: String| problems.push(FieldProblem { field, message });
    for (field, text, what) in [
        ("/name", &settings.name, "a name, such as Leeds store"),
        ("/street", &settings.street, "the street and house number"),
        ("/city", &settings.city, "the town or city"),
    ] {
        if text.trim().is_empty() {
            wrong(field.to_owned(), format!("Enter {what}."));
        } else if text.chars().count() > LONGEST {
            wrong(field.to_owned(), "Shorten this to 200 characters.".to_owned());
        }
    }
    let country = geo::country_by_code(&settings.country);
    match country {
        None => wrong("/country".to_owned(), "Choose a country by its two-letter code, such as GB.".to_owned()),
        Some(country) if !country.has_postcode(&settings.postcode) => {
            wrong("/postcode".to_owned(), format!("Enter a postcode that fits the country ({}).", country.name));
        }
        Some(_) => {}
    }
    if settings.time_zone.parse::<chrono_tz::Tz>().is_err() {
        wrong("/time_zone".to_owned(), "Enter a time zone by its name, such as Europe/London.".to_owned());
    }
    if !(1..=1_000).contains(&settings.priority) {
        wrong("/priority".to_owned(), "The priority is from 1, which comes first, to 1,000.".to_owned());
    }
    if !(0..=MOST_HANDLING).contains(&settings.handling_minutes) {
        wrong("/handling_minutes".to_owned(), "The handling time is from 0 minutes to a week, which is 10,080.".to_owned());
    }
    if settings.daily_order_capacity.is_some_and(|n| !(0..=MOST_ORDERS).contains(&n)) {
        wrong("/daily_order_capacity".to_owned(), "Orders a day are from 0 to 1,000,000. Leave it empty for no limit.".to_owned());
    }
    if let Err(message) = clean_tags(&settings.tags) {
        wrong("/tags".to_owned(), message);
    }
    if let Err(message) = clean_fields(&settings.attributes) {
        wrong("/attributes".to_owned(), message);
    }
    for (field, minor) in [("/handling_order_minor", settings.handling_order_minor), ("/handling_unit_minor", settings.handling_unit_minor)] {
        if !(0..=MOST_MINOR).contains(&minor) {
            wrong(field.to_owned(), "What packing costs is from nothing to 10,000.".to_owned());
        }
    }
    let mut hours: Vec<Hours> = Vec::new();
    for (index, day) in settings.hours.iter().enumerate() {
        let Some(name) = usize::try_from(day.weekday - 1).ok().and_then(|i| WEEKDAYS.get(i)) else {
            wrong(format!("/hours/{index}/weekday"), "Weekdays are numbered from 1, Monday, to 7, Sunday.".to_owned());
            continue;
        };
        let times = [("opens", &day.opens), ("closes", &day.closes), ("cut_off", &day.cut_off)]
            .map(|(field, text)| NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| field));
        match times {
            [Ok(opens), Ok(closes), Ok(cut_off)] => {
                if closes <= opens {
                    wrong(
                        format!("/hours/{index}/closes"),
                        format!("On {name} it closes before it opens. Leave all times empty for a day it is closed."),
                    );
                } else if cut_off > closes {
                    wrong(format!("/hours/{index}/cut_off"), format!("On {name} the cut-off is after closing time."));
                } else if hours.iter().any(|h| h.weekday == day.weekday) {
                    wrong(format!("/hours/{index}/weekday"), format!("{name} comes twice."));
                } else {
                    hours.push(Hours { weekday: day.weekday, opens, closes, cut_off });
                }
            }
            times => {
                let field = times.into_iter().find_map(Result::err).unwrap_or("opens");
                wrong(
                    format!("/hours/{index}/{field}"),
                    format!("Write all three times of {name} like 09:00, or leave all of them empty for a day it is closed."),
                );
            }
        }
    }
    match geo::locate(&settings.country, &settings.postcode) {
        Some(point) if problems.is_empty() => Ok((point, hours)),
        _ => Err(Refusal::invalid(problems)),
    }
}

/// A moment as somebody typed it in a location's own time, such as `2026-12-01T08:00`; empty text is none. Where clocks go back, the earlier.
pub fn local_moment(field: &str, text: &str, time_zone: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Refusal::field(field, "Enter a date and time, such as 2026-12-01T08:00, that the clocks there will show.");
    let typed = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"));
    let zone: chrono_tz::Tz =
        time_zone.trim().parse().map_err(|_| Refusal::field("/time_zone", "Enter a time zone by its name, such as Europe/London."))?;
    let local = zone.from_local_datetime(&typed.map_err(|_| wrong())?).earliest().ok_or_else(wrong)?;
    Ok(Some(local.with_timezone(&Utc)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_the_locations_own() {
        let at =
            |text: &str| local_moment("/from", text, "Europe/London").map(|at| at.map(|at| at.to_rfc3339())).map_err(|r| r.fields[0].field.clone());
        assert_eq!(at(""), Ok(None));
        assert_eq!(at("2026-07-01T08:00"), Ok(Some("2026-07-01T07:00:00+00:00".to_owned())));
        assert_eq!(at("2026-12-01T08:00"), Ok(Some("2026-12-01T08:00:00+00:00".to_owned())));
        // The clocks skip from one to two.
        assert_eq!(at("2027-03-28T01:30"), Err("/from".to_owned()));
        // They show half past one twice.
        assert_eq!(at("2026-10-25T01:30"), Ok(Some("2026-10-25T00:30:00+00:00".to_owned())));
        assert_eq!(at("tomorrow"), Err("/from".to_owned()));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let mut settings = LocationSettings { name: " ".to_owned(), time_zone: "Nowhere".to_owned(), priority: 0, ..LocationSettings::starting() };
        settings.hours[0].closes = "08:00".to_owned();
        settings.hours[1].opens = "nine".to_owned();
        settings.hours[2].weekday = 9;
        let fields: Vec<String> = check(&settings).unwrap_err().fields.into_iter().map(|f| f.field).collect();
        let expected = ["/name", "/street", "/city", "/postcode", "/time_zone", "/priority", "/hours/0/closes", "/hours/1/opens", "/hours/2/weekday"];
        assert_eq!(fields, expected);
    }
}
