//! What rules can ask about an order, its lines and a location, and what a parcel can cost. Each is declared once, in a file of its own: its name, its
//! unit, its help, what is filled in, how sentences say it, and how it is read. To add one is to add its file and its name in the list of its folder.

use crate::ids::{LocationId, SkuId};
use crate::inventory::{Location, Snapshot};
use crate::routing::plan::{PlanLine, PlanOrder, Seen};
use crate::routing::sending::Sending;
use chrono::{DateTime, Utc};

/// Lists the facts of a folder.
macro_rules! facts {
    ($one:ty: $($name:ident),* $(,)?) => {
        $(mod $name;)*
        /// All of them, in the order in which they are offered.
        pub static ALL: &[&$one] = &[$(&$name::FACT),*];
    };
}

pub mod cost;
pub mod line;
pub mod order;
pub mod place;

/// What facts are about, and how they are read from it.
pub trait Subject: Sized + 'static {
    type View<'a>;
    type Word;
    type Words;
    type Number;
    type Flag;

    /// All facts about it.
    fn all() -> &'static [&'static Fact<Self>];
    fn word<'v>(read: &Self::Word, view: &'v Self::View<'_>) -> Option<&'v str>;
    fn words(read: &Self::Words, view: &Self::View<'_>, say: &mut dyn FnMut(&str));
    fn number(read: &Self::Number, view: &Self::View<'_>) -> Option<f64>;
    fn flag(read: &Self::Flag, view: &Self::View<'_>) -> bool;
}

/// Facts of a whole order.
#[derive(Debug)]
pub struct OfOrder;
/// Facts of one of its lines.
#[derive(Debug)]
pub struct OfLine;
/// Facts of a location, as the order sees it.
#[derive(Debug)]
pub struct OfPlace;

/// An order at a moment.
#[derive(Clone, Copy, Debug)]
pub struct OrderView<'a> {
    pub order: &'a PlanOrder,
    pub snapshot: &'a Snapshot<'a>,
}

/// One of its lines.
#[derive(Clone, Copy, Debug)]
pub struct LineView<'a> {
    pub line: &'a PlanLine,
}

/// A location, as an order sees it.
#[derive(Clone, Copy, Debug)]
pub struct PlaceView<'a> {
    pub order: &'a PlanOrder,
    pub snapshot: &'a Snapshot<'a>,
    pub location: &'a Location,
    pub distance_km: f64,
    pub(in crate::routing) sending: Option<&'a Sending<'a>>,
    pub(in crate::routing) seen: &'a Seen<'a>,
    /// What the order wants of each SKU that is seen.
    pub(in crate::routing) wanted: &'a [i32],
    /// Where it stands in what is seen.
    pub(in crate::routing) position: usize,
}

macro_rules! subject {
    ($subject:ident, $view:ident, $folder:ident) => {
        impl Subject for $subject {
            type View<'a> = $view<'a>;
            type Word = for<'v, 'a> fn(&'v $view<'a>) -> Option<&'a str>;
            type Words = for<'v, 'a, 'w> fn(&'v $view<'a>, &'w mut dyn FnMut(&str));
            type Number = for<'v, 'a> fn(&'v $view<'a>) -> Option<f64>;
            type Flag = for<'v, 'a> fn(&'v $view<'a>) -> bool;

            fn all() -> &'static [&'static Fact<Self>] {
                $folder::ALL
            }

            fn word<'v>(read: &Self::Word, view: &'v $view<'_>) -> Option<&'v str> {
                read(view)
            }

            fn words(read: &Self::Words, view: &$view<'_>, say: &mut dyn FnMut(&str)) {
                read(view, say);
            }

            fn number(read: &Self::Number, view: &$view<'_>) -> Option<f64> {
                read(view)
            }

            fn flag(read: &Self::Flag, view: &$view<'_>) -> bool {
                read(view)
            }
        }
    };
}
subject!(OfOrder, OrderView, order);
subject!(OfLine, LineView, line);
subject!(OfPlace, PlaceView, place);

/// Something that can be asked about a subject.
pub struct Fact<S: Subject> {
    /// As rules are stored: it never changes.
    pub code: &'static str,
    /// For people: `channel`.
    pub name: &'static str,
    /// One or two sentences for somebody who meets it for the first time.
    pub help: &'static str,
    pub unit: Unit,
    pub choices: Choices,
    pub reads: Reads<S>,
    /// What has to be looked up for it that is not always looked up.
    pub needs: Needs,
    pub says: Says,
    /// What is better, where locations can be ranked by it.
    pub better: Option<Better>,
}

/// What is only looked up where a rule asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// Category, brand and handling of the SKUs.
    Traits,
    /// What is sold in a day, and how long it has been there.
    Demand,
}

/// How a fact is read. What is not known is none of anything and neither more nor less than anything.
pub enum Reads<S: Subject> {
    Word(S::Word),
    /// Says each of its words.
    Words(S::Words),
    /// The word that is asked about is the beginning of it.
    Beginning(S::Word),
    Number(S::Number),
    Flag(S::Flag),
}

/// A part of what it costs to send something from a location. All amounts are in minor units.
pub struct Cost {
    pub code: &'static str,
    pub name: &'static str,
    pub help: &'static str,
    pub weighs: Weighs,
    /// What the carrier takes: it depends on all that is in the parcel.
    pub carriage: bool,
    /// Once for each parcel from there; none where it is not known.
    pub of_parcel: Option<for<'v, 'a> fn(&'v PlaceView<'a>) -> Option<f64>>,
    pub needs: Needs,
    /// For each unit from there.
    pub of_unit: Option<for<'v, 'a> fn(&'v PlaceView<'a>, &'v CostOf) -> f64>,
}

/// What a part of the cost is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighs {
    /// It is an amount: 100 % is as it is.
    Percent,
    /// Minor units for each of these.
    Price(&'static str),
}

/// One unit of something that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostOf {
    pub sku: SkuId,
    pub grams: i32,
    pub price_minor: f64,
}

impl Cost {
    /// What an amount of it is multiplied by to be minor units.
    pub fn factor(&self, weight: f64) -> f64 {
        match self.weighs {
            Weighs::Percent => weight / 100.0,
            Weighs::Price(_) => weight,
        }
    }
}

impl std::fmt::Debug for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

impl PartialEq for Cost {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

/// What a number is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Not a number.
    None,
    Km,
    /// Minor units of the order's currency; of costs, of the rate cards'.
    Money,
    Grams,
    /// Cubic centimetres.
    Millilitres,
    Days,
    Hours,
    Minutes,
    Percent,
    Units,
    Lines,
    Orders,
    /// Grams of carbon dioxide equivalent.
    Carbon,
    /// Days since 1 January 1970, in the company's time.
    Date,
    Points,
    Millimetres,
}

/// Where the words come from that somebody chooses among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choices {
    /// There is nothing to choose: a number, or yes or no.
    None,
    /// Whatever somebody writes.
    Free,
    /// These: as they are stored, and for people.
    These(&'static [(&'static str, &'static str)]),
    Channels,
    CustomerGroups,
    Countries,
    Currencies,
    Locations,
    LocationGroups,
    LocationTags,
    Categories,
    Brands,
    Skus,
    OrderTags,
    OrderTypes,
    CustomerTags,
    ProductTags,
    Services,
    DeliveryMethods,
    Zones,
}

/// How sentences say a fact; `{}` stands for what is filled in. Empty where it is not asked like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Says {
    pub one_of: &'static str,
    pub none_of: &'static str,
    pub at_least: &'static str,
    pub at_most: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    /// Of what locations are ranked by: `closest first`.
    pub first: &'static str,
    /// Of a location that is out, after its name: `is {} away`.
    pub was: &'static str,
}

impl Says {
    pub const NOTHING: Self = Self { one_of: "", none_of: "", at_least: "", at_most: "", yes: "", no: "", first: "", was: "" };
}

/// Which of two numbers is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    Lower,
    Higher,
}

/// The fact of a code.
pub fn fact<S: Subject>(code: &str) -> Option<&'static Fact<S>> {
    S::all().iter().find(|fact| fact.code == code).copied()
}

impl<S: Subject> std::fmt::Debug for Fact<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

impl<S: Subject> PartialEq for Fact<S> {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl<S: Subject> Fact<S> {
    /// Its number; none where it is not known, or no number.
    pub fn number(&self, view: &S::View<'_>) -> Option<f64> {
        match &self.reads {
            Reads::Number(read) => S::number(read, view),
            _ => None,
        }
    }

    /// Says each of its words.
    pub fn each_word(&self, view: &S::View<'_>, say: &mut dyn FnMut(&str)) {
        match &self.reads {
            Reads::Word(read) | Reads::Beginning(read) => S::word(read, view).into_iter().for_each(say),
            Reads::Words(read) => S::words(read, view, say),
            Reads::Number(_) | Reads::Flag(_) => {}
        }
    }

    /// True where it is words, of which some can be chosen.
    pub const fn is_words(&self) -> bool {
        matches!(self.reads, Reads::Word(_) | Reads::Words(_) | Reads::Beginning(_))
    }

    /// What it is of something, where it is a number or words, for people who see how it was judged.
    pub fn reading(&self, view: &S::View<'_>) -> Option<String> {
        if let Some(number) = self.number(view) {
            return Some(number.to_string());
        }
        let mut all: Vec<String> = Vec::new();
        self.each_word(view, &mut |word| all.push(word.to_owned()));
        (!all.is_empty()).then(|| all.join(", "))
    }
}

impl PlaceView<'_> {
    /// Units of a SKU that it could give the order.
    pub fn free(&self, sku: SkuId) -> i32 {
        self.seen.column(sku).map_or(0, |column| self.seen.row(self.position)[column])
    }

    /// When the fastest way would have the order there; none where that is not known.
    pub fn arrives(&self) -> Option<DateTime<Utc>> {
        self.seen.earliest(self.position, self.sending).ok()
    }

    /// What the order needs of each of its SKUs, each once, with what is free of it here.
    pub fn needs(&self) -> impl Iterator<Item = (SkuId, i32, i32)> {
        self.seen.skus.iter().zip(self.wanted).zip(self.seen.row(self.position)).map(|((sku, wanted), free)| (*sku, *wanted, *free))
    }

    /// How much of a SKU that is free here is sold here in [`SELLS_WITHIN_DAYS`]; none where nothing is there.
    pub fn sells(&self, sku: SkuId) -> Option<Sells> {
        let free = self.free(sku);
        let level = self.snapshot.stock.levels.get(sku, self.id());
        let units = f64::from(level.per_day_milli) / 1_000.0 * SELLS_WITHIN_DAYS;
        (free > 0).then_some(Sells { free: f64::from(free), units: units.min(f64::from(free)) })
    }

    pub fn id(&self) -> LocationId {
        self.location.id
    }
}

/// What is there for longer than it takes to sell is marked down.
pub const SELLS_WITHIN_DAYS: f64 = 56.0;

/// Units of a SKU at a location, and how many of them it sells in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sells {
    pub free: f64,
    pub units: f64,
}

impl Sells {
    /// Units that are left when the time is over.
    pub fn left(self) -> f64 {
        self.free - self.units
    }
}

/// What carrying goods by road emits, in grams of carbon dioxide equivalent for each tonne and kilometre: an average laden lorry (UK Government GHG
/// conversion factors for company reporting, freighting goods, all HGVs: 0.1 kg to one digit).
const ROAD_GRAMS_PER_TONNE_KM: f64 = 100.0;

/// Grams of carbon dioxide equivalent for carrying so many grams so far by road.
pub fn carbon_grams(grams: i64, km: f64) -> f64 {
    grams as f64 / 1_000_000.0 * km * ROAD_GRAMS_PER_TONNE_KM
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn is_complete<S: Subject>() {
        let codes: BTreeSet<_> = S::all().iter().map(|f| f.code).collect();
        assert_eq!(codes.len(), S::all().len(), "each code once");
        for fact in S::all() {
            let says = &fact.says;
            assert!(!fact.name.is_empty() && fact.help.ends_with('.'), "{}", fact.code);
            let blanks = [says.one_of, says.none_of, says.at_least, says.at_most];
            assert!(blanks.iter().all(|text| text.is_empty() || text.matches("{}").count() == 1), "{}", fact.code);
            match fact.reads {
                Reads::Word(_) | Reads::Words(_) | Reads::Beginning(_) => {
                    assert!(!says.one_of.is_empty() && !says.none_of.is_empty() && fact.choices != Choices::None, "{}", fact.code);
                }
                Reads::Number(_) => {
                    assert!(!says.at_least.is_empty() && !says.at_most.is_empty() && fact.unit != Unit::None, "{}", fact.code);
                }
                Reads::Flag(_) => assert!(!says.yes.is_empty() && !says.no.is_empty(), "{}", fact.code),
            }
            assert_eq!(fact.better.is_some(), !says.first.is_empty(), "{}", fact.code);
        }
    }

    #[test]
    fn every_fact_says_all_that_is_asked_of_it() {
        is_complete::<OfOrder>();
        is_complete::<OfLine>();
        is_complete::<OfPlace>();
    }
}
