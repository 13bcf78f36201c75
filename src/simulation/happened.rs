//! What happened in a period, in order of time.

use crate::ids::{LocationId, OrderId, RulesetId, SkuId};
use crate::refusal::Result;
use crate::routing::{DecisionRecord, TurnedDown};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;
use sqlx::{Connection as _, PgConnection};
use std::collections::BTreeMap;

/// After a moment, until another and with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Something that happened.
#[derive(Debug)]
pub(super) struct Happened {
    pub at: DateTime<Utc>,
    pub what: What,
}

/// In the order in which things of the same moment are gone through: decisions last, since they saw the rest.
#[derive(Debug)]
pub(super) enum What {
    /// Units came, or went.
    Moved {
        sku: SkuId,
        location: LocationId,
        units: i32,
    },
    /// Units were kept, or let go, by a basket or by an order from before the period.
    Kept {
        sku: SkuId,
        location: LocationId,
        units: i32,
    },
    /// Units are owed to an order from before the period, or no longer.
    Owed {
        sku: SkuId,
        location: LocationId,
        debt: Debt,
        closes: bool,
    },
    /// Units of an order of the period are owed to it from a date on, and nothing was decided then: it was put off, or has become known.
    Promised {
        sku: SkuId,
        location: LocationId,
        line_no: i32,
        debt: Debt,
    },
    /// Other things were put in the place of units that an order of the period waited for.
    Replaced {
        order: OrderId,
        line_no: i32,
        by_line: i32,
        by: SkuId,
        units: i32,
    },
    /// Units that an order of the period waited for were called off, while others were not: (line, units).
    CalledOff {
        order: OrderId,
        lines: Vec<(i32, i32)>,
    },
    /// Units of an order of the period left.
    Left {
        order: OrderId,
        sku: SkuId,
        location: LocationId,
        units: i32,
    },
    /// A location turned work on an order of the period down, or it was taken from it: (line, units).
    GivenUp {
        order: OrderId,
        location: LocationId,
        lines: Vec<(i32, i32)>,
        /// Where it was the location that would not do it.
        refusal: Option<TurnedDown>,
    },
    /// A location with a daily limit took an order from before the period on for a day, or gave it up.
    Taken {
        location: LocationId,
        day: NaiveDate,
        orders: i32,
    },
    /// An order of the period was called off, with something of so many of its lines.
    Cancelled {
        order: OrderId,
        lines: u32,
    },
    Decided(Box<Decided>),
}

impl What {
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Moved { .. } => 0,
            Self::Kept { .. } => 1,
            Self::Owed { .. } => 2,
            Self::Promised { .. } => 3,
            Self::Left { .. } => 4,
            Self::GivenUp { .. } => 5,
            Self::Cancelled { .. } => 6,
            Self::Replaced { .. } => 7,
            Self::CalledOff { .. } => 8,
            Self::Taken { .. } => 9,
            Self::Decided(_) => 10,
        }
    }

    /// The first decision about an order.
    pub fn is_new_order(&self) -> bool {
        matches!(self, Self::Decided(decided) if decided.no == 1)
    }
}

/// Units that somebody waits for at a location, with a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Debt {
    pub order: OrderId,
    pub placed_at: DateTime<Utc>,
    pub expected_at: DateTime<Utc>,
    pub units: i32,
}

/// A decision that was made.
#[derive(Debug)]
pub(super) struct Decided {
    pub order: OrderId,
    pub no: i32,
    /// How many decisions about the order were made in all.
    pub last_no: i32,
    pub number: String,
    pub placed_at: DateTime<Utc>,
    pub postcode: String,
    pub ruleset: (RulesetId, i32),
    pub record: DecisionRecord,
    /// The SKU of each line.
    pub skus: BTreeMap<i32, SkuId>,
    /// What its basket kept and it brings along, where it is the first.
    pub brings: Vec<(SkuId, LocationId, i32)>,
}

/// What happened in a part of a period, each kind in order of time.
pub(super) async fn happened(conn: &mut PgConnection, part: Period, whole: Period) -> Result<Vec<Happened>> {
    let mut tx = conn.begin().await?;
    // Postgres' plan for any part, which knows not how short it is, reads all of history for each.
    sqlx::query("set local plan_cache_mode = force_custom_plan").execute(&mut *tx).await?;
    let all = read_part(&mut tx, part, whole).await?;
    tx.commit().await?;
    Ok(all)
}

async fn read_part(conn: &mut PgConnection, part: Period, whole: Period) -> Result<Vec<Happened>> {
    let mut all: Vec<Happened> = Vec::new();
    let moved = sqlx::query_file!("src/simulation/sql/movements.sql", part.from, part.until, whole.from).fetch_all(&mut *conn).await?;
    all.extend(moved.into_iter().map(|r| {
        let (sku, location) = (SkuId(r.sku_id), LocationId(r.location_id));
        let what = match r.order_id {
            Some(order) => What::Left { order: OrderId(order), sku, location, units: -r.quantity },
            None => What::Moved { sku, location, units: r.quantity },
        };
        Happened { at: r.occurred_at, what }
    }));
    let endings = sqlx::query_file!("src/simulation/sql/endings.sql", part.from, part.until, whole.from, whole.until).fetch_all(&mut *conn).await?;
    all.extend(endings.into_iter().map(|r| {
        let order = OrderId(r.order_id);
        let lines = r.line_nos.into_iter().zip(r.units).collect();
        let lacking = r.lacking.map(|skus| skus.into_iter().map(SkuId).collect());
        let what = match r.location_id.map(LocationId) {
            Some(location) => What::GivenUp { order, location, lines, refusal: r.is_refusal.then_some(TurnedDown { location, at: r.at, lacking }) },
            None => What::Cancelled { order, lines: r.lines_cancelled.unsigned_abs() },
        };
        Happened { at: r.at, what }
    }));
    let kept = sqlx::query_file!("src/simulation/sql/reservations.sql", part.from, part.until, whole.from, whole.until).fetch_all(&mut *conn).await?;
    for r in kept {
        let kept = |units| What::Kept { sku: SkuId(r.sku_id), location: LocationId(r.location_id), units };
        let moments = [(Some(r.opened_at), r.quantity), (r.closed_at, -r.quantity)];
        let within = |at: &DateTime<Utc>| *at > part.from && *at <= part.until;
        all.extend(moments.into_iter().filter_map(|(at, units)| Some(Happened { at: at.filter(within)?, what: kept(units) })));
    }
    let promised = sqlx::query_file!("src/simulation/sql/promised.sql", part.from, part.until, whole.from, whole.until).fetch_all(&mut *conn).await?;
    all.extend(promised.into_iter().map(|r| {
        let debt = Debt { order: OrderId(r.order_id), placed_at: r.placed_at, expected_at: r.expected_at, units: r.quantity };
        let what = What::Promised { sku: SkuId(r.sku_id), location: LocationId(r.location_id), line_no: r.line_no, debt };
        Happened { at: r.opened_at, what }
    }));
    let replaced = sqlx::query_file!("src/simulation/sql/replaced.sql", part.from, part.until, whole.from, whole.until).fetch_all(&mut *conn).await?;
    all.extend(replaced.into_iter().map(|r| {
        let what = What::Replaced { order: OrderId(r.order_id), line_no: r.instead_of, by_line: r.line_no, by: SkuId(r.sku_id), units: r.quantity };
        Happened { at: r.added_at, what }
    }));
    let called_off =
        sqlx::query_file!("src/simulation/sql/called_off.sql", part.from, part.until, whole.from, whole.until).fetch_all(&mut *conn).await?;
    all.extend(called_off.into_iter().map(|r| {
        let what = What::CalledOff { order: OrderId(r.order_id), lines: r.line_nos.into_iter().zip(r.units).collect() };
        Happened { at: r.occurred_at, what }
    }));
    let mut brought: BTreeMap<OrderId, Vec<(SkuId, LocationId, i32)>> = BTreeMap::new();
    for r in sqlx::query_file!("src/simulation/sql/brought.sql", part.from, part.until).fetch_all(&mut *conn).await? {
        brought.entry(OrderId(r.order_id)).or_default().push((SkuId(r.sku_id), LocationId(r.location_id), r.quantity));
    }
    let decided = sqlx::query_file!("src/simulation/sql/decisions.sql", part.from, part.until, whole.from, whole.until).fetch_all(conn).await?;
    all.extend(decided.into_iter().map(|r| {
        let decided = Decided {
            order: OrderId(r.order_id),
            no: r.decision_no,
            last_no: r.last_no,
            number: r.number,
            placed_at: r.placed_at,
            postcode: r.postcode,
            ruleset: (RulesetId(r.ruleset_id), r.ruleset_version),
            record: r.record.0,
            skus: r.line_nos.into_iter().zip(r.sku_ids.into_iter().map(SkuId)).collect(),
            brings: if r.decision_no == 1 { brought.remove(&OrderId(r.order_id)).unwrap_or_default() } else { Vec::new() },
        };
        Happened { at: r.decided_at, what: What::Decided(Box::new(decided)) }
    }));
    Ok(all)
}

/// What became of orders from before a period within it: what they are owed, and the days that locations with a daily limit work on them. Few, and read at
/// once.
pub(super) async fn of_older(conn: &mut PgConnection, period: Period) -> Result<Vec<Happened>> {
    let mut all: Vec<Happened> = Vec::new();
    let within = |at: &DateTime<Utc>| *at > period.from && *at <= period.until;
    for (place, debt, opened_at, closed_at) in debts(&mut *conn, period).await? {
        let owed = |closes| What::Owed { sku: place.0, location: place.1, debt: debt.clone(), closes };
        let moments = [(Some(opened_at), false), (closed_at, true)];
        all.extend(moments.into_iter().filter_map(|(at, closes)| Some(Happened { at: at.filter(within)?, what: owed(closes) })));
    }
    for r in sqlx::query_file!("src/simulation/sql/taken.sql", period.from, period.until).fetch_all(conn).await? {
        let taken = |orders| What::Taken { location: LocationId(r.location_id), day: r.day, orders };
        // What was planned before the period is taken when it begins.
        let moments = [(Some(r.planned_at.max(period.from)), 1), (r.given_up_at.map(|at| at.max(period.from)), -1)];
        let counts = |at: &DateTime<Utc>| *at <= period.until;
        all.extend(moments.into_iter().filter_map(|(at, orders)| Some(Happened { at: at.filter(counts)?, what: taken(orders) })));
    }
    all.sort_by_key(|h| (h.at, h.what.rank()));
    Ok(all)
}

type OpenDebt = ((SkuId, LocationId), Debt, DateTime<Utc>, Option<DateTime<Utc>>);

async fn debts(conn: &mut PgConnection, period: Period) -> Result<Vec<OpenDebt>> {
    let rows = sqlx::query_file!("src/simulation/sql/debts.sql", period.from, period.until).fetch_all(conn).await?;
    let debt = rows.into_iter().map(|r| {
        let debt = Debt { order: OrderId(r.order_id), placed_at: r.placed_at, expected_at: r.expected_at, units: r.quantity };
        ((SkuId(r.sku_id), LocationId(r.location_id)), debt, r.opened_at, r.closed_at)
    });
    Ok(debt.collect())
}

/// What was owed when a period began.
pub(super) async fn owed_before(conn: &mut PgConnection, period: Period) -> Result<BTreeMap<(SkuId, LocationId), Vec<Debt>>> {
    let mut owed: BTreeMap<(SkuId, LocationId), Vec<Debt>> = BTreeMap::new();
    for (place, debt, opened_at, _) in debts(conn, period).await? {
        if opened_at <= period.from {
            owed.entry(place).or_default().push(debt);
        }
    }
    Ok(owed)
}
