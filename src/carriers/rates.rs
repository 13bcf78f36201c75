//! Rate cards: what a parcel costs by zone, weight and value. One shape for what carriers charge us and for what customers pay.

use super::{Destination, bare_postcode, zones};
use crate::catalog::Size;
use serde::{Deserialize, Serialize};

/// What is carried, as prices see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parcel {
    pub grams: i64,
    /// Cubic centimetres.
    pub volume_ml: i64,
    /// The longest side of anything in it; 0 where none is known.
    pub longest_mm: i32,
}

impl Parcel {
    /// Things with how many there are of each.
    pub fn of(things: impl IntoIterator<Item = (Size, i32)>) -> Self {
        things.into_iter().fold(Self::default(), |all, (size, units)| Self {
            grams: all.grams + i64::from(size.grams) * i64::from(units),
            volume_ml: all.volume_ml + i64::from(size.volume_ml) * i64::from(units),
            longest_mm: all.longest_mm.max(size.longest_mm),
        })
    }
}

/// A table of prices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateCard {
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// Code of the zone map that its zones are of; empty where it knows no zones.
    pub zone_map: String,
    /// Cubic centimetres that count as a kilogram, such as 5,000: what is large and light is charged by its size. None: by weight alone.
    pub volume_per_kg: Option<i32>,
    pub rows: Vec<RateRow>,
    pub surcharges: Vec<Surcharge>,
    /// No parcel that costs anything costs less, minor units.
    pub minimum_minor: i64,
}

/// One price. Of the rows that fit, those for the zone by name go before others; then the one for the highest value counts; then the lightest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateRow {
    /// Empty is any.
    pub zone: String,
    /// None: any weight.
    pub up_to_grams: Option<i32>,
    /// For goods that come to at least this, minor units: tiers, and free delivery from a value on.
    pub from_value_minor: i64,
    /// Minor units; zero is free, whatever the surcharges.
    pub amount_minor: i64,
}

/// What comes on top.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surcharge {
    pub name: String,
    pub when: SurchargeWhen,
    pub by: SurchargeBy,
}

/// Which parcels bear a surcharge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurchargeWhen {
    Always,
    HeavierThanGrams(i32),
    LongerThanMm(i32),
    /// Country and beginning of the postcode.
    GoingTo(String, String),
}

/// How much a surcharge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurchargeBy {
    /// Minor units.
    Fixed(i64),
    /// Hundredths of a percent of the row's price, rounded half up.
    Share(i32),
}

/// A price and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    pub total_minor: i64,
    pub zone: Option<String>,
    /// The heavier of what it weighs and what its size counts as.
    pub billable_grams: i64,
    /// What it is made of, in minor units; they add up to the total.
    pub parts: Vec<(String, i64)>,
}

/// Why a card has no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoRate {
    NoCard,
    NoZone,
    NoRow,
}

impl RateCard {
    /// The card as one destination sees it. `goods_minor` is what the goods in the whole order come to.
    pub fn tariff<'a>(&'a self, zone: Option<&'a str>, to: &Destination<'_>, goods_minor: i64) -> Tariff<'a> {
        let fits = |row: &&RateRow| (row.zone.is_empty() || Some(row.zone.as_str()) == zone) && goods_minor >= row.from_value_minor;
        let mut rows: Vec<&RateRow> = self.rows.iter().filter(fits).collect();
        rows.sort_by_key(|row| (row.zone.is_empty(), std::cmp::Reverse(row.from_value_minor), row.up_to_grams.unwrap_or(i32::MAX)));
        Tariff { card: self, zone, rows, surcharges: self.surcharges.iter().filter(|s| s.when.may_hold(to)).collect() }
    }
}

/// A rate card as one destination sees it from one country, for any number of parcels.
#[derive(Clone, Debug)]
pub struct Tariff<'a> {
    card: &'a RateCard,
    zone: Option<&'a str>,
    /// The first that takes the weight counts.
    rows: Vec<&'a RateRow>,
    /// Those that a parcel to there may bear.
    surcharges: Vec<&'a Surcharge>,
}

impl<'a> Tariff<'a> {
    /// What a parcel costs, minor units.
    pub fn total(&self, parcel: &Parcel) -> Result<i64, NoRate> {
        let (row, billable_grams) = self.row(parcel)?;
        if row.amount_minor <= 0 {
            return Ok(row.amount_minor);
        }
        let extras: i64 = self.extras(parcel, billable_grams).map(|extra| extra.by.amount(row.amount_minor)).sum();
        Ok((row.amount_minor + extras).max(self.card.minimum_minor))
    }

    /// The same, with how it comes about.
    pub fn charge(&self, parcel: &Parcel) -> Result<Charge, NoRate> {
        let (row, billable_grams) = self.row(parcel)?;
        let total_minor = self.total(parcel)?;
        let mut parts = vec![("Price".to_owned(), row.amount_minor)];
        if row.amount_minor > 0 {
            parts.extend(self.extras(parcel, billable_grams).map(|extra| (extra.name.clone(), extra.by.amount(row.amount_minor))));
        }
        let sum: i64 = parts.iter().map(|p| p.1).sum();
        if sum < total_minor {
            parts.push(("Up to the minimum".to_owned(), total_minor - sum));
        }
        Ok(Charge { total_minor, zone: self.zone.map(str::to_owned), billable_grams, parts })
    }

    /// The weights above which it may ask for more, grams.
    pub fn weights(&self) -> impl Iterator<Item = i64> + use<'_, 'a> {
        let heavier = |extra: &&Surcharge| match extra.when {
            SurchargeWhen::HeavierThanGrams(grams) => Some(i64::from(grams)),
            SurchargeWhen::Always | SurchargeWhen::LongerThanMm(_) | SurchargeWhen::GoingTo(..) => None,
        };
        self.rows.iter().filter_map(|row| row.up_to_grams.map(i64::from)).chain(self.surcharges.iter().filter_map(heavier))
    }

    /// The row that counts, and the heavier of what a parcel weighs and what its size counts as.
    fn row(&self, parcel: &Parcel) -> Result<(&'a RateRow, i64), NoRate> {
        let per_kg = self.card.volume_per_kg.map(|per_kg| i64::from(per_kg.max(1)));
        let billable_grams = parcel.grams.max(per_kg.map_or(0, |per_kg| (parcel.volume_ml * 1_000 + per_kg - 1) / per_kg));
        let takes = |row: &&&RateRow| row.up_to_grams.is_none_or(|most| billable_grams <= i64::from(most));
        Ok((self.rows.iter().find(takes).ok_or(NoRate::NoRow)?, billable_grams))
    }

    fn extras<'s>(&'s self, parcel: &'s Parcel, billable_grams: i64) -> impl Iterator<Item = &'a Surcharge> + 's {
        self.surcharges.iter().copied().filter(move |s| s.when.bears(parcel, billable_grams))
    }
}

impl SurchargeWhen {
    /// True where some parcel to a destination bears it.
    fn may_hold(&self, to: &Destination<'_>) -> bool {
        match self {
            Self::GoingTo(country, prefix) => to.country == country && zones::begins(&bare_postcode(to.postcode), &bare_postcode(prefix)),
            Self::Always | Self::HeavierThanGrams(_) | Self::LongerThanMm(_) => true,
        }
    }

    /// True where a parcel bears it that goes to where some do.
    const fn bears(&self, parcel: &Parcel, billable_grams: i64) -> bool {
        match self {
            Self::Always | Self::GoingTo(..) => true,
            Self::HeavierThanGrams(grams) => billable_grams > *grams as i64,
            Self::LongerThanMm(mm) => parcel.longest_mm > *mm,
        }
    }
}

impl SurchargeBy {
    const fn amount(self, price_minor: i64) -> i64 {
        match self {
            Self::Fixed(minor) => minor,
            Self::Share(bp) => (price_minor * bp as i64 + 5_000) / 10_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::locate;

    fn row(zone: &str, up_to_grams: Option<i32>, from_value_minor: i64, amount_minor: i64) -> RateRow {
        RateRow { zone: zone.into(), up_to_grams, from_value_minor, amount_minor }
    }

    fn card(rows: Vec<RateRow>) -> RateCard {
        RateCard { name: "Card".into(), currency: "GBP".into(), zone_map: "all".into(), rows, ..RateCard::default() }
    }

    fn total(card: &RateCard, zone: &str, parcel: Parcel, goods: i64) -> Result<i64, NoRate> {
        let to = Destination { country: "GB", postcode: "IV2 3XX", point: locate("GB", "IV2 3XX").unwrap() };
        let tariff = card.tariff(Some(zone), &to, goods);
        let charge = tariff.charge(&parcel)?;
        assert_eq!((tariff.total(&parcel), charge.parts.iter().map(|p| p.1).sum::<i64>()), (Ok(charge.total_minor), charge.total_minor));
        Ok(charge.total_minor)
    }

    fn kilos(kg: i64) -> Parcel {
        Parcel { grams: kg * 1_000, ..Parcel::default() }
    }

    #[test]
    fn zone_and_weight() {
        let card = card(vec![row("home", Some(2_000), 0, 395), row("home", Some(10_000), 0, 595), row("", Some(2_000), 0, 1_495)]);
        assert_eq!(total(&card, "home", kilos(2), 0), Ok(395));
        assert_eq!(total(&card, "home", Parcel { grams: 2_001, ..Parcel::default() }, 0), Ok(595));
        assert_eq!(total(&card, "moon", kilos(1), 0), Ok(1_495));
        assert_eq!(total(&card, "home", kilos(11), 0), Err(NoRate::NoRow));
    }

    #[test]
    fn fixed_tiered_and_free_over_a_value() {
        let card = card(vec![row("", None, 0, 495), row("", None, 2_500, 295), row("", None, 5_000, 0)]);
        assert_eq!([0, 2_499, 2_500, 4_999, 5_000].map(|goods| total(&card, "home", kilos(1), goods).unwrap()), [495, 495, 295, 295, 0]);
    }

    #[test]
    fn what_is_large_and_light_is_charged_by_its_size() {
        let mut card = card(vec![row("", Some(2_000), 0, 395), row("", Some(10_000), 0, 595)]);
        let large = Parcel { grams: 500, volume_ml: 10_001, longest_mm: 0 };
        assert_eq!(total(&card, "home", large, 0), Ok(395));
        card.volume_per_kg = Some(5_000);
        assert_eq!(total(&card, "home", large, 0), Ok(595), "two litres and a drop over two kilograms");
    }

    #[test]
    fn surcharges_and_the_minimum() {
        let mut card = card(vec![row("", Some(2_000), 0, 395), row("", None, 5_000, 0)]);
        card.surcharges = vec![
            Surcharge { name: "Fuel".into(), when: SurchargeWhen::Always, by: SurchargeBy::Share(1_250) },
            Surcharge { name: "Highlands".into(), when: SurchargeWhen::GoingTo("GB".into(), "IV".into()), by: SurchargeBy::Fixed(300) },
            Surcharge { name: "Long".into(), when: SurchargeWhen::LongerThanMm(1_200), by: SurchargeBy::Fixed(500) },
        ];
        assert_eq!(total(&card, "home", kilos(1), 0), Ok(395 + 49 + 300));
        card.minimum_minor = 1_000;
        assert_eq!(total(&card, "home", kilos(1), 0), Ok(1_000));
        assert_eq!(total(&card, "home", kilos(1), 5_000), Ok(0), "free is free");
    }
}
