//! Between settings and the tables of their forms.

use super::api::RowForm;
use crate::components::amount_text;
use chrono::Timelike as _;
use waybill::carriers::{Setting, SettingKind, SlotWindow, SurchargeBy, SurchargeWhen};

/// A table of a form: its rows as text, and what its columns are.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// `rows` or `more`, as the form names it.
    pub name: &'static str,
    /// Where its rows are in the setting, as a JSON pointer.
    pub at: &'static str,
    pub title: &'static str,
    pub hint: &'static str,
    /// The headings; as many columns are shown.
    pub columns: &'static [&'static str],
    pub rows: Vec<RowForm>,
}

/// Empty rows to be filled, behind those that are there.
const SPARE: usize = 3;
/// A larger table is changed by bringing a file.
pub const MOST_SHOWN: usize = 200;

fn row(cells: [String; 4]) -> RowForm {
    let [a, b, c, d] = cells;
    RowForm { a, b, c, d }
}

fn none() -> String {
    String::new()
}

/// A weight in kilograms, as it is typed: `2.3`.
pub fn kilos_text(grams: i32) -> String {
    let text = format!("{}.{:03}", grams / 1_000, grams % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub fn time_text(time: chrono::NaiveTime) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// Weekdays as they are typed: `1-5`, `1-6`, `1,3,5`.
fn weekdays_text(days: waybill::carriers::Weekdays) -> String {
    let numbers: Vec<u8> = days.into();
    match numbers.as_slice() {
        [first, .., last] if usize::from(last - first) == numbers.len() - 1 && numbers.len() > 2 => format!("{first}-{last}"),
        numbers => numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
    }
}

/// The tables of a kind's form, filled from a setting where there is one.
pub fn tables(kind: SettingKind, setting: Option<&Setting>) -> Vec<Table> {
    let mut tables = match kind {
        SettingKind::ZoneMap => vec![Table {
            name: "rows",
            at: "/places",
            title: "Places",
            hint: "The most particular place that fits an address counts. Countries by their two-letter codes; empty is anywhere. A postcode counts by how it begins: IV is the whole area Inverness.",
            columns: &["Zone", "From country", "To country", "Postcodes beginning with"],
            rows: match setting {
                Some(Setting::ZoneMap(map)) => {
                    map.places.iter().map(|p| row([p.zone.clone(), p.from.clone(), p.to.clone(), p.postcode.clone()])).collect()
                }
                _ => Vec::new(),
            },
        }],
        SettingKind::RateCard => {
            let card = match setting {
                Some(Setting::RateCard(card)) => card.clone(),
                _ => Default::default(),
            };
            let money = |minor| amount_text(minor, &card.currency);
            let price = |r: &waybill::carriers::RateRow| {
                let from = if r.from_value_minor > 0 { money(r.from_value_minor) } else { none() };
                row([r.zone.clone(), r.up_to_grams.map(kilos_text).unwrap_or_default(), from, money(r.amount_minor)])
            };
            let surcharge = |s: &waybill::carriers::Surcharge| {
                let (when, limit) = match &s.when {
                    SurchargeWhen::Always => ("always", none()),
                    SurchargeWhen::HeavierThanGrams(grams) => ("heavier", kilos_text(*grams)),
                    SurchargeWhen::LongerThanMm(mm) => ("longer", mm.to_string()),
                    SurchargeWhen::GoingTo(country, prefix) => ("to", format!("{country} {prefix}").trim().to_owned()),
                };
                let by = match s.by {
                    SurchargeBy::Fixed(minor) => money(minor),
                    SurchargeBy::Share(bp) => format!("{}%", f64::from(bp) / 100.0),
                };
                row([s.name.clone(), when.to_owned(), limit, by])
            };
            vec![
                Table {
                    name: "rows",
                    at: "/rows",
                    title: "Prices",
                    hint: "The lightest price that carries the weight counts; with prices for goods from a value on, the one for the highest value. A price of 0 is free. An empty zone, weight or value is any.",
                    columns: &["Zone", "Up to, kg", "Goods from", "Price"],
                    rows: card.rows.iter().map(price).collect(),
                },
                Table {
                    name: "more",
                    at: "/surcharges",
                    title: "Surcharges",
                    hint: "When: always, heavier (than so many kg), longer (than so many mm) or to (a country and how the postcode begins, such as GB IV). An amount, or a share such as 8.5%.",
                    columns: &["Name", "When", "Limit or place", "Amount"],
                    rows: card.surcharges.iter().map(surcharge).collect(),
                },
            ]
        }
        SettingKind::Service => {
            let service = match setting {
                Some(Setting::Service(service)) => service.clone(),
                _ => Default::default(),
            };
            vec![
                Table {
                    name: "rows",
                    at: "/transit",
                    title: "How long it takes",
                    hint: "Days on which parcels move, without the day on which it is collected; 0 is the same day. To zones that are not here it does not go.",
                    columns: &["Zone", "Days"],
                    rows: service.transit.iter().map(|t| row([t.zone.clone(), t.days.to_string(), none(), none()])).collect(),
                },
                Table {
                    name: "more",
                    at: "/collections",
                    title: "When it collects",
                    hint: "A location without times of its own has the general ones, whose location is empty. Weekdays by number, Monday being 1: 1-5, or 1,3,5. Times as 17:00, the location's own.",
                    columns: &["Location", "Weekdays", "At"],
                    rows: service.collections.iter().map(|c| row([c.location.clone(), weekdays_text(c.weekdays), time_text(c.at), none()])).collect(),
                },
            ]
        }
        SettingKind::Holidays => vec![Table {
            name: "rows",
            at: "/days",
            title: "Days",
            hint: "Carriers that rest on holidays neither collect nor deliver on them, and locations that keep holidays are closed.",
            columns: &["Day", "Name"],
            rows: match setting {
                Some(Setting::Holidays(holidays)) => {
                    holidays.days.iter().map(|(day, name)| row([format!("{day:?}"), name.clone(), none(), none()])).collect()
                }
                _ => Vec::new(),
            },
        }],
        SettingKind::Slots => vec![Table {
            name: "rows",
            at: "/windows",
            title: "Windows",
            hint: "Weekdays by number, Monday being 1: 1-5, or 1,3,5. Times as 18:00, the location's own. On its public holidays there are none.",
            columns: &["Weekdays", "From", "Until", "So many fit in"],
            rows: match setting {
                Some(Setting::Slots(plan)) => {
                    let window = |w: &SlotWindow| row([weekdays_text(w.weekdays), time_text(w.from), time_text(w.until), w.capacity.to_string()]);
                    plan.windows.iter().map(window).collect()
                }
                _ => Vec::new(),
            },
        }],
        SettingKind::Method => Vec::new(),
    };
    for table in &mut tables {
        let spare = if table.rows.is_empty() { 2 * SPARE } else { SPARE };
        table.rows.extend(std::iter::repeat_n(RowForm::default(), spare));
    }
    tables
}

#[cfg(feature = "ssr")]
pub use reading::{grams, number, placed, read_form, with_left_out};

#[cfg(feature = "ssr")]
mod reading {
    use super::super::api::{RowForm, SettingForm};
    use crate::components::minor;
    use chrono::NaiveTime;
    use waybill::carriers::{
        Collection, DeliveryMethod, Holidays, RateCard, RateRow, Service, Setting, SettingKind, SlotPlan, SlotUse, SlotWindow, Surcharge,
        SurchargeBy, SurchargeWhen, Transit, Weekdays, ZoneMap, ZonePlace,
    };
    use waybill::refusal::{FieldProblem, Refusal, UnknownName};

    pub use crate::error::whole_number_if_any as number;

    fn rows_of<'a>(form: &'a mut SettingForm, table: &str) -> &'a mut Vec<RowForm> {
        if table == "more" { &mut form.more } else { &mut form.rows }
    }

    /// The form with the tables that the page has no room for as they stand.
    pub fn with_left_out(mut form: SettingForm, kind: SettingKind, in_force: &Setting) -> SettingForm {
        for table in super::tables(kind, Some(in_force)) {
            if form.left_out.iter().any(|name| name == table.name) {
                *rows_of(&mut form, table.name) = table.rows;
            }
        }
        form
    }

    /// A refusal that tells rows by their places in the form, where the setting has no empty ones.
    pub fn placed(mut form: SettingForm, kind: SettingKind, mut refusal: Refusal) -> Refusal {
        for table in super::tables(kind, None) {
            let rows = rows_of(&mut form, table.name);
            let places: Vec<usize> = rows.iter().enumerate().filter(|(_, r)| !r.is_empty()).map(|(place, _)| place).collect();
            for problem in &mut refusal.fields {
                let Some(rest) = problem.field.strip_prefix(table.at).and_then(|rest| rest.strip_prefix('/')) else { continue };
                let (index, part) = rest.split_once('/').unwrap_or((rest, ""));
                if let Some(place) = index.parse().ok().and_then(|index: usize| places.get(index)) {
                    problem.field = format!("{}/{place}/{part}", table.at);
                }
            }
        }
        refusal
    }

    /// Kilograms as somebody typed them, in grams; none where the field is empty.
    pub fn grams(field: &str, text: &str) -> Result<Option<i32>, Refusal> {
        match text.trim() {
            "" => Ok(None),
            text => {
                let grams = text.replace(',', ".").parse::<f64>().ok().map(|kg| (kg * 1_000.0).round()).filter(|g| (0.0..=1e9).contains(g));
                grams.map(|g| Some(g as i32)).ok_or_else(|| Refusal::field(field, "Write a weight in kilograms, such as 2.3."))
            }
        }
    }

    fn time(field: &str, text: &str) -> Result<NaiveTime, Refusal> {
        NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| Refusal::field(field, "Write a time as 17:00."))
    }

    fn weekdays(field: &str, text: &str) -> Result<Weekdays, Refusal> {
        let wrong = || Refusal::field(field, "Write weekdays by number, Monday being 1: 1-5, or 1,3,5.");
        let mut numbers = Vec::new();
        for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (first.trim().parse::<u8>().map_err(|_| wrong())?, last.trim().parse::<u8>().map_err(|_| wrong())?);
            numbers.extend(first..=last);
        }
        Weekdays::try_from(numbers).map_err(|_| wrong())
    }

    /// Gathers what is wrong over a whole form.
    struct Problems(Vec<FieldProblem>);

    impl Problems {
        fn take<T: Default>(&mut self, read: Result<T, Refusal>) -> T {
            read.unwrap_or_else(|refusal| {
                self.0.extend(refusal.fields);
                T::default()
            })
        }
    }

    /// The rows of a table that are filled, each with its place.
    fn filled(rows: &[RowForm]) -> impl Iterator<Item = (usize, &RowForm)> {
        rows.iter().filter(|r| !r.is_empty()).enumerate()
    }

    /// Reads a form; everything that cannot be read is told at once.
    pub fn read_form(form: &SettingForm) -> Result<Setting, Refusal> {
        let kind: SettingKind = form.kind.parse().map_err(|e: UnknownName| Refusal::field("/kind", e.to_string()))?;
        let mut problems = Problems(Vec::new());
        let text = |text: &str| text.trim().to_owned();
        let setting = match kind {
            SettingKind::ZoneMap => Setting::ZoneMap(ZoneMap {
                name: text(&form.name),
                places: filled(&form.rows)
                    .map(|(_, r)| ZonePlace {
                        zone: text(&r.a),
                        from: text(&r.b).to_uppercase(),
                        to: text(&r.c).to_uppercase(),
                        postcode: text(&r.d).to_uppercase(),
                    })
                    .collect(),
            }),
            SettingKind::RateCard => Setting::RateCard(read_card(form, &mut problems)),
            SettingKind::Service => Setting::Service(read_service(form, &mut problems)),
            SettingKind::Method => Setting::Method(DeliveryMethod {
                name: text(&form.name),
                position: problems.take(number("/position", &form.position)).unwrap_or(0),
                services: form.services.clone(),
                rate_card: form.rate_card.clone(),
                channels: form.channels.clone(),
                slots: form.slots.clone(),
            }),
            SettingKind::Slots => Setting::Slots(read_slots(form, &mut problems)),
            SettingKind::Holidays => Setting::Holidays(Holidays {
                name: text(&form.name),
                days: filled(&form.rows)
                    .filter_map(|(n, r)| {
                        let day = problems.take(crate::error::day(&format!("/days/{n}"), &r.a));
                        Some((day?, text(&r.b)))
                    })
                    .collect(),
            }),
        };
        if problems.0.is_empty() { Ok(setting) } else { Err(Refusal::invalid(problems.0)) }
    }

    fn read_card(form: &SettingForm, problems: &mut Problems) -> RateCard {
        let currency = form.currency.trim().to_uppercase();
        let rows = filled(&form.rows)
            .map(|(n, r)| {
                let at = |name: &str| format!("/rows/{n}/{name}");
                let amount = problems.take(minor(&at("amount_minor"), &r.d, &currency));
                if r.d.trim().is_empty() {
                    problems.0.push(FieldProblem { field: at("amount_minor"), message: "Write the price; 0 is free.".to_owned() });
                }
                RateRow {
                    zone: r.a.trim().to_owned(),
                    up_to_grams: problems.take(grams(&at("up_to_grams"), &r.b)),
                    from_value_minor: problems.take(minor(&at("from_value_minor"), &r.c, &currency)).unwrap_or(0),
                    amount_minor: amount.unwrap_or(0),
                }
            })
            .collect();
        let surcharges = filled(&form.more)
            .filter_map(|(n, r)| {
                let at = |name: &str| format!("/surcharges/{n}/{name}");
                let limit = r.c.trim();
                let when = match r.b.trim().to_lowercase().as_str() {
                    "" | "always" => Some(SurchargeWhen::Always),
                    "heavier" => problems.take(grams(&at("when"), limit)).map(SurchargeWhen::HeavierThanGrams),
                    "longer" => problems.take(number(&at("when"), limit)).map(SurchargeWhen::LongerThanMm),
                    "to" => {
                        let (country, prefix) = limit.split_once(' ').unwrap_or((limit, ""));
                        Some(SurchargeWhen::GoingTo(country.to_uppercase(), prefix.trim().to_uppercase()))
                    }
                    _ => None,
                };
                let by = match r.d.trim().strip_suffix('%') {
                    Some(share) => share.trim().replace(',', ".").parse::<f64>().ok().map(|s| SurchargeBy::Share((s * 100.0).round() as i32)),
                    None => problems.take(minor(&at("by"), &r.d, &currency)).map(SurchargeBy::Fixed),
                };
                if when.is_none() {
                    problems
                        .0
                        .push(FieldProblem { field: at("when"), message: "Write always, heavier, longer or to, and the limit or place.".to_owned() });
                }
                if by.is_none() {
                    problems.0.push(FieldProblem { field: at("by"), message: "Write an amount, or a share such as 8.5%.".to_owned() });
                }
                Some(Surcharge { name: r.a.trim().to_owned(), when: when?, by: by? })
            })
            .collect();
        RateCard {
            name: form.name.trim().to_owned(),
            zone_map: form.zone_map.clone(),
            volume_per_kg: problems.take(number("/volume_per_kg", &form.volume_per_kg)),
            minimum_minor: problems.take(minor("/minimum_minor", &form.minimum, &currency)).unwrap_or(0),
            currency,
            rows,
            surcharges,
        }
    }

    fn read_slots(form: &SettingForm, problems: &mut Problems) -> SlotPlan {
        let windows = filled(&form.rows)
            .map(|(n, r)| {
                let at = |name: &str| format!("/windows/{n}/{name}");
                SlotWindow {
                    weekdays: problems.take(weekdays(&at("weekdays"), &r.a)),
                    from: problems.take(time(&at("from"), &r.b)),
                    until: problems.take(time(&at("until"), &r.c)),
                    capacity: problems.take(number(&at("capacity"), &r.d)).unwrap_or(0),
                }
            })
            .collect();
        SlotPlan {
            name: form.name.trim().to_owned(),
            serves: form.serves.parse().unwrap_or(SlotUse::Delivery),
            location: form.location.clone(),
            zone_map: form.zone_map.clone(),
            zones: form.zones.split(',').map(str::trim).filter(|z| !z.is_empty()).map(str::to_owned).collect(),
            windows,
            lead_hours: problems.take(number("/lead_hours", &form.lead_hours)).unwrap_or(0),
            horizon_days: problems.take(number("/horizon_days", &form.horizon_days)).unwrap_or(0),
            skill: form.skill.trim().to_owned(),
            brings_goods: form.brings_goods.is_some(),
        }
    }

    fn read_service(form: &SettingForm, problems: &mut Problems) -> Service {
        let transit = filled(&form.rows)
            .map(|(n, r)| {
                let days = problems.take(number(&format!("/transit/{n}/days"), &r.b));
                if days.is_none() {
                    problems.0.push(FieldProblem { field: format!("/transit/{n}/days"), message: "Say how many days it takes.".to_owned() });
                }
                Transit { zone: r.a.trim().to_owned(), days: days.unwrap_or(0) }
            })
            .collect();
        let collections = filled(&form.more)
            .map(|(n, r)| Collection {
                location: r.a.trim().to_uppercase(),
                weekdays: problems.take(weekdays(&format!("/collections/{n}/weekdays"), &r.b)),
                at: problems.take(time(&format!("/collections/{n}/at"), &r.c)),
            })
            .collect();
        Service {
            carrier: form.carrier.trim().to_owned(),
            name: form.name.trim().to_owned(),
            zone_map: form.zone_map.clone(),
            transit,
            collections,
            delivers: Weekdays::try_from(form.delivers.clone()).unwrap_or_default(),
            delivers_from: problems.take(time("/delivers_from", &form.delivers_from)),
            delivers_until: problems.take(time("/delivers_until", &form.delivers_until)),
            works_on_holidays: form.works_on_holidays.is_some(),
            padding_days: problems.take(number("/padding_days", &form.padding_days)).unwrap_or(0),
            rate_card: form.rate_card.clone(),
            max_grams: problems.take(grams("/max_grams", &form.max_kg)),
            max_mm: problems.take(number("/max_mm", &form.max_mm)),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::super::{tables, weekdays_text};
        use super::*;

        /// What a form shows of a setting is read as the same setting.
        #[test]
        fn what_is_shown_is_read_back() {
            let card = RateCard {
                name: "Card".into(),
                currency: "GBP".into(),
                zone_map: "parcel".into(),
                volume_per_kg: Some(5_000),
                rows: vec![
                    RateRow { zone: "home".into(), up_to_grams: Some(2_300), from_value_minor: 0, amount_minor: 395 },
                    RateRow { zone: String::new(), up_to_grams: None, from_value_minor: 5_000, amount_minor: 0 },
                ],
                surcharges: vec![
                    Surcharge { name: "Fuel".into(), when: SurchargeWhen::Always, by: SurchargeBy::Share(850) },
                    Surcharge { name: "Far".into(), when: SurchargeWhen::GoingTo("GB".into(), "IV".into()), by: SurchargeBy::Fixed(300) },
                    Surcharge { name: "Long".into(), when: SurchargeWhen::LongerThanMm(1_200), by: SurchargeBy::Fixed(5) },
                ],
                minimum_minor: 300,
            };
            let setting = Setting::RateCard(card);
            let shown = tables(SettingKind::RateCard, Some(&setting));
            let form = SettingForm {
                kind: "rate_card".into(),
                name: "Card".into(),
                currency: "gbp".into(),
                zone_map: "parcel".into(),
                volume_per_kg: "5000".into(),
                minimum: "3".into(),
                rows: shown[0].rows.clone(),
                more: shown[1].rows.clone(),
                ..SettingForm::default()
            };
            assert_eq!(read_form(&form), Ok(setting));
            let days = Weekdays::try_from(vec![1, 3, 5]).unwrap();
            assert_eq!(
                (weekdays("", &weekdays_text(days)), weekdays("", "1-5, 7")),
                (Ok(days), Weekdays::try_from(vec![1, 2, 3, 4, 5, 7]).map_err(|_| unreachable!()))
            );
        }

        #[test]
        fn what_cannot_be_read_is_told_with_its_place() {
            let line = |a: &str, b: &str, c: &str, d: &str| RowForm { a: a.into(), b: b.into(), c: c.into(), d: d.into() };
            let form = SettingForm {
                kind: "rate_card".into(),
                rows: vec![line("", "", "", ""), line("home", "heavy", "", "3.95"), line("home", "", "", "dear")],
                more: vec![line("Fuel", "sometimes", "", "5")],
                ..SettingForm::default()
            };
            let fields: Vec<String> = read_form(&form).unwrap_err().fields.into_iter().map(|f| f.field).collect();
            for field in ["/rows/0/up_to_grams", "/rows/1/amount_minor", "/surcharges/0/when"] {
                assert!(fields.iter().any(|f| f == field), "{field} is not in {fields:?}");
            }
            assert!(read_form(&SettingForm { kind: "spell".into(), ..SettingForm::default() }).is_err());
        }
    }
}
