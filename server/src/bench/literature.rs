//! How well orders are split, on the small instance of the literature: cost over a lower bound, for our router and for the literature's policies, which are
//! written here only.
//!
//! The instance is that of Jasin & Sinha (2015), "An LP-based correlated rounding scheme for multi-item ecommerce order fulfillment", Operations Research
//! 63(6), as Ma (2023), "Order-optimal correlated rounding for fulfilling multi-item e-commerce orders", M&SOM, takes it up: 20 items, orders of 1 to 5 of
//! them, five kinds of order of each size, ten metropolitan areas, five fulfilment centres, 10,000 periods with an order or none.

use super::routing::ready;
use super::world;
use anyhow::{Context as _, Result, ensure};
use microlp::{ComparisonOp, OptimizationDirection, Problem};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;
use waybill::geo::GeoPoint;
use waybill::ids::LocationId;
use waybill::inventory::{Network, Snapshot, StockView};
use waybill::routing::rules::{CostPart, Prefer, Rule, Rules, Then, assign, hold};
use waybill::routing::{PlanOrder, Ruleset, plan};

const ITEMS: usize = 20;
const SIZES: usize = 5;
/// Kinds of order of each size.
const KINDS: usize = 5;
const PERIODS: u32 = 10_000;
/// The share of items that a centre carries.
const CARRIED: f64 = 0.75;

/// Dollars for each centre that an order comes from, for each item, and for each item and mile.
const FIXED: f64 = 8.759;
const UNIT: f64 = 0.423;
const PER_MILE: f64 = 0.000_541;
const KM_PER_MILE: f64 = 1.609_344;

/// Prints the figures of so many networks with so many runs of orders each.
pub fn run(data: &Path, networks: u64, runs: u64) -> Result<()> {
    let centres = places(&data.join("fulfilment-centres-5.csv"), 2, None)?;
    let metros = places(&data.join("metros-10.csv"), 2, Some(4))?;
    let rules = [ready(&least_cost(false))?, ready(&least_cost(true))?];
    println!(
        "{networks} networks with {runs} runs of {PERIODS} periods each; {ITEMS} items, {} centres, {} metropolitan areas.",
        centres.len(),
        metros.len()
    );
    let mut figures: Vec<(&str, Figures)> = POLICIES.iter().map(|name| (*name, Figures::default())).collect();
    for network in 0..networks {
        let instance = Instance::draw(&centres, &metros, network)?;
        let program = instance.solve()?;
        for run in 0..runs {
            let arrivals = instance.arrivals(network * 1_000 + run);
            for (name, figures) in &mut figures {
                let begun = Instant::now();
                let done = instance.follow(name, &arrivals, &program, &rules, network * 1_000 + run);
                figures.add(&done, program.bound, begun.elapsed(), arrivals.len());
            }
        }
    }
    println!("{:<44} {:>12} {:>8} {:>10} {:>9} {:>12}", "policy", "cost / bound", "s.e.", "shipments", "filled", "decisions/s");
    for (name, f) in &figures {
        let (mean, error) = f.mean();
        println!(
            "{name:<44} {mean:>12.3} {error:>8.4} {:>10.3} {:>8.2}% {:>12.0}",
            f.shipments as f64 / f.orders as f64,
            f.filled as f64 * 100.0 / f.items as f64,
            f.orders as f64 / f.time.as_secs_f64()
        );
    }
    Ok(())
}

const NEAREST_CARRYING: &str = "nearest that carries it (myopic)";
const INDEPENDENT: &str = "independent rounding";
const SHARED: &str = "correlated rounding, shared openings";
const NEAREST_LIVE: &str = "nearest with live stock, item by item";
const OURS: &str = "Waybill: least cost on live stock";
const SCARCE: &str = "the same, with a price on running out";
const POLICIES: [&str; 6] = [NEAREST_CARRYING, INDEPENDENT, SHARED, NEAREST_LIVE, OURS, SCARCE];

/// So often, in orders, it is measured anew what the rest of the season wants of each centre.
const MEASURED_EVERY: usize = 50;
/// Days of stock that are enough, in the cost of running out.
const ENOUGH_DAYS: f64 = 28.0;

/// Rules that ask for the least cost of an order: an amount for each parcel, and one for each item and kilometre. The engine knows no price of an item's
/// way, but one of the carbon dioxide of carrying it: items of a kilogram emit 0.1 g a kilometre.
///
/// What runs out costs a second parcel: where that is priced, a unit risks the price of a parcel where stock ends before the season does.
fn least_cost(scarce: bool) -> Rules {
    const THOUSANDTHS: f64 = 1_000.0;
    const KG_PER_KM: f64 = 0.000_1;
    let part = |by: &str, weight: f64| CostPart { by: by.to_owned(), weight };
    let mut costs = vec![part("split", FIXED * THOUSANDTHS), part("carbon", PER_MILE / KM_PER_MILE / KG_PER_KM * THOUSANDTHS)];
    costs.extend(scarce.then(|| part("stock_out", 100.0)));
    let prefer = Prefer::Cheapest(costs);
    let then = Then { full: assign("unfillable"), partial: assign("unfillable"), none: hold("unfillable") };
    Rules { rules: vec![Rule { id: "least".to_owned(), name: "Least cost".to_owned(), prefer, then, ..Rule::default() }], ..Rules::default() }
}

/// A point, and how many people live there.
struct Place {
    point: GeoPoint,
    people: f64,
}

fn places(file: &Path, latitude: usize, people: Option<usize>) -> Result<Vec<Place>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let line = |line: &str| -> Result<Place> {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |at: usize| -> Result<f64> { Ok(fields.get(at).context("a field is missing")?.trim().parse()?) };
        let point = GeoPoint { latitude: number(latitude)?, longitude: number(latitude + 1)? };
        Ok(Place { point, people: people.map(number).transpose()?.unwrap_or(1.0) })
    };
    text.trim_start_matches('\u{feff}').lines().filter(|l| !l.trim().is_empty()).map(line).collect()
}

/// SplitMix64 (Steele, Lea & Flood 2014): the same draws everywhere.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Evenly from 0, with it, to 1, without it.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of so many, by their weights.
    fn among(&mut self, weights: &[f64]) -> usize {
        let mut left = self.share() * weights.iter().sum::<f64>();
        weights
            .iter()
            .position(|w| {
                left -= w;
                left < 0.0
            })
            .unwrap_or(weights.len() - 1)
    }
}

struct Instance {
    centres: Vec<GeoPoint>,
    metros: Vec<GeoPoint>,
    /// The items of each kind of order.
    kinds: Vec<Vec<usize>>,
    /// The chance of each kind of order to come from each area in a period; the rest is none.
    chance: Vec<Vec<f64>>,
    /// Whether a centre carries an item: `carries[item][centre]`.
    carries: Vec<Vec<bool>>,
    /// Units at the beginning, likewise.
    stock: Vec<Vec<i32>>,
    /// Dollars for an item from a centre to an area: `unit[area][centre]`; the last centre is nowhere.
    unit: Vec<Vec<f64>>,
}

/// What the linear program says: its value, and the share of each item of each order that comes from each centre, nowhere last.
struct Program {
    bound: f64,
    /// `[kind][area][item of the kind][centre]`
    shares: Vec<Vec<Vec<Vec<f64>>>>,
}

/// What a policy did.
#[derive(Default)]
struct Done {
    cost: f64,
    shipments: u64,
    items: u64,
    filled: u64,
}

#[derive(Default)]
struct Figures {
    ratios: Vec<f64>,
    shipments: u64,
    items: u64,
    filled: u64,
    orders: u64,
    time: Duration,
}

impl Figures {
    fn add(&mut self, done: &Done, bound: f64, time: Duration, orders: usize) {
        self.ratios.push(done.cost / bound);
        self.shipments += done.shipments;
        self.items += done.items;
        self.filled += done.filled;
        self.orders += orders as u64;
        self.time += time;
    }

    /// The mean, and its standard error.
    fn mean(&self) -> (f64, f64) {
        let n = self.ratios.len() as f64;
        let mean = self.ratios.iter().sum::<f64>() / n;
        let variance = self.ratios.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        (mean, (variance / n).sqrt())
    }
}

impl Instance {
    fn draw(centres: &[Place], metros: &[Place], seed: u64) -> Result<Self> {
        let mut draws = Draws(seed.wrapping_mul(0x5851_F42D_4C95_7F2D));
        let mut kinds = Vec::new();
        for size in 1..=SIZES {
            for _ in 0..KINDS {
                let mut items: BTreeSet<usize> = BTreeSet::new();
                while items.len() < size {
                    items.insert((draws.share() * ITEMS as f64) as usize);
                }
                kinds.push(items.into_iter().collect());
            }
        }
        let weights: Vec<f64> = (0..=SIZES).map(|_| draws.share()).collect();
        let all: f64 = weights.iter().sum();
        let people: f64 = metros.iter().map(|m| m.people).sum();
        let mut chance = Vec::new();
        for weight in &weights[1..] {
            let within: Vec<f64> = (0..KINDS).map(|_| draws.share()).collect();
            let sum: f64 = within.iter().sum();
            chance.extend(within.iter().map(|w| metros.iter().map(|m| weight / all * w / sum * m.people / people).collect()));
        }
        let mut carries: Vec<Vec<bool>> = Vec::new();
        while carries.len() < ITEMS {
            let row: Vec<bool> = centres.iter().map(|_| draws.share() < CARRIED).collect();
            // An item that nobody carries is none.
            if row.iter().any(|c| *c) {
                carries.push(row);
            }
        }
        let (centres, metros): (Vec<GeoPoint>, Vec<GeoPoint>) = (centres.iter().map(|c| c.point).collect(), metros.iter().map(|m| m.point).collect());
        let unit: Vec<Vec<f64>> = metros
            .iter()
            .map(|metro| {
                let mut costs: Vec<f64> = centres.iter().map(|c| UNIT + PER_MILE * c.distance_km(*metro) / KM_PER_MILE).collect();
                costs.push(2.0 * costs.iter().copied().fold(0.0, f64::max));
                costs
            })
            .collect();
        let mut instance = Self { centres, metros, kinds, chance, carries, stock: Vec::new(), unit };
        instance.stock = (0..ITEMS).map(|item| (0..instance.centres.len()).map(|centre| instance.opening(item, centre)).collect()).collect();
        ensure!(instance.chance.len() == instance.kinds.len(), "each kind of order has a chance");
        Ok(instance)
    }

    /// Units of an item in a period that those want for whom a centre is the nearest that carries it.
    fn rate(&self, item: usize, centre: usize) -> f64 {
        let nearest = |area: usize| self.nearest(area, |c| self.carries[item][c]);
        let of_area = |area: usize| -> f64 { (0..self.kinds.len()).filter(|k| self.kinds[*k].contains(&item)).map(|k| self.chance[k][area]).sum() };
        (0..self.metros.len()).filter(|area| nearest(*area) == Some(centre)).map(of_area).sum()
    }

    /// What a centre has of an item at first: what those want for whom it is the nearest, and half a standard deviation more.
    fn opening(&self, item: usize, centre: usize) -> i32 {
        let rate = self.rate(item, centre);
        let periods = f64::from(PERIODS);
        (periods * rate + 0.5 * (periods * rate * (1.0 - rate)).sqrt()).round() as i32
    }

    fn nearest(&self, area: usize, fits: impl Fn(usize) -> bool) -> Option<usize> {
        (0..self.centres.len()).filter(|c| fits(*c)).min_by(|a, b| self.unit[area][*a].total_cmp(&self.unit[area][*b]))
    }

    fn fixed(&self, centre: usize) -> f64 {
        if centre == self.centres.len() { 2.0 * FIXED } else { FIXED }
    }

    /// The deterministic linear program: no policy costs less on average.
    fn solve(&self) -> Result<Program> {
        let mut program = Problem::new(OptimizationDirection::Minimize);
        let ways = self.centres.len() + 1;
        let periods = f64::from(PERIODS);
        let mut of_stock: Vec<Vec<Vec<(microlp::Variable, f64)>>> = vec![vec![Vec::new(); self.centres.len()]; ITEMS];
        let mut variables = Vec::new();
        for (kind, items) in self.kinds.iter().enumerate() {
            let mut of_kind = Vec::new();
            for area in 0..self.metros.len() {
                let rate = periods * self.chance[kind][area];
                let opened: Vec<_> = (0..ways).map(|centre| program.add_var(rate * self.fixed(centre), (0.0, 1.0))).collect();
                let mut of_area = Vec::new();
                for item in items {
                    let mut row = Vec::new();
                    for centre in 0..ways {
                        let may = centre == self.centres.len() || self.carries[*item][centre];
                        let share = program.add_var(rate * self.unit[area][centre], (0.0, if may { 1.0 } else { 0.0 }));
                        program.add_constraint([(opened[centre], 1.0), (share, -1.0)], ComparisonOp::Ge, 0.0);
                        if centre < self.centres.len() {
                            of_stock[*item][centre].push((share, rate));
                        }
                        row.push(share);
                    }
                    program.add_constraint(row.iter().map(|share| (*share, 1.0)).collect::<Vec<_>>(), ComparisonOp::Eq, 1.0);
                    of_area.push(row);
                }
                of_kind.push(of_area);
            }
            variables.push(of_kind);
        }
        for (item, centres) in of_stock.into_iter().enumerate() {
            for (centre, terms) in centres.into_iter().enumerate().filter(|(_, terms)| !terms.is_empty()) {
                program.add_constraint(terms, ComparisonOp::Le, f64::from(self.stock[item][centre]));
            }
        }
        let solved = program.solve()?.into_solution().ok().context("the linear program was not solved")?;
        let value = |variable: &microlp::Variable| solved.var_value(*variable).clamp(0.0, 1.0);
        let shares = variables
            .iter()
            .map(|areas| areas.iter().map(|items| items.iter().map(|row| row.iter().map(value).collect()).collect()).collect())
            .collect();
        Ok(Program { bound: solved.objective(), shares })
    }

    /// The orders of a run: (kind, area).
    fn arrivals(&self, seed: u64) -> Vec<(usize, usize)> {
        let mut draws = Draws(seed.wrapping_mul(0xD134_2543_DE82_EF95) ^ 0xA5A5);
        let all: Vec<f64> = self.chance.iter().flatten().copied().collect();
        let none = 1.0 - all.iter().sum::<f64>();
        let weights: Vec<f64> = all.into_iter().chain([none]).collect();
        let areas = self.metros.len();
        (0..PERIODS).map(|_| draws.among(&weights)).filter(|at| *at < weights.len() - 1).map(|at| (at / areas, at % areas)).collect()
    }

    fn follow(&self, policy: &str, arrivals: &[(usize, usize)], program: &Program, rules: &[Ruleset; 2], seed: u64) -> Done {
        match policy {
            OURS => return self.route(arrivals, &rules[0]),
            SCARCE => return self.route(arrivals, &rules[1]),
            _ => {}
        }
        let mut draws = Draws(seed ^ 0xBEEF);
        let mut stock = self.stock.clone();
        let mut done = Done::default();
        let nowhere = self.centres.len();
        for (kind, area) in arrivals {
            let items = &self.kinds[*kind];
            let shares = &program.shares[*kind][*area];
            let mut from: Vec<usize> = match policy {
                NEAREST_CARRYING => items.iter().map(|item| self.nearest(*area, |c| self.carries[*item][c]).unwrap_or(nowhere)).collect(),
                NEAREST_LIVE => items.iter().map(|item| self.nearest(*area, |c| stock[*item][c] > 0).unwrap_or(nowhere)).collect(),
                INDEPENDENT => shares.iter().map(|row| draws.among(row)).collect(),
                _ => shared_openings(shares, &mut draws),
            };
            for (item, from) in items.iter().zip(&mut from) {
                // A centre that has none sends none: there is no second try.
                if *from < nowhere && stock[*item][*from] > 0 {
                    stock[*item][*from] -= 1;
                } else {
                    *from = nowhere;
                }
            }
            self.count(&mut done, *area, &from);
        }
        done
    }

    /// Our router, on the stock as it is.
    fn route(&self, arrivals: &[(usize, usize)], rules: &Ruleset) -> Done {
        let id = |centre: usize| LocationId(Uuid::from_u128(centre as u128 + 1));
        let skus = world::skus(ITEMS as u32);
        let locations = self.centres.iter().enumerate().map(|(n, point)| world::location(id(n), *point)).collect();
        let network = Network { locations, ..Network::default() };
        let mut stock = StockView::default();
        for (item, centres) in self.stock.iter().enumerate() {
            for (centre, units) in centres.iter().enumerate() {
                stock.levels.entry(skus[item], id(centre)).on_hand = *units;
            }
        }
        let orders: Vec<Vec<PlanOrder>> = self
            .kinds
            .iter()
            .map(|items| {
                let things: Vec<_> = items.iter().map(|item| skus[*item]).collect();
                let mut lines = world::lines(&things);
                lines.iter_mut().for_each(|line| (line.size.grams, line.amount_minor) = (1_000, (FIXED * 1_000.0) as i64));
                self.metros.iter().map(|point| PlanOrder { lines: lines.clone(), ..world::order("web", "US", *point) }).collect()
            })
            .collect();
        let rates: Vec<Vec<f64>> = (0..ITEMS).map(|item| (0..self.centres.len()).map(|centre| self.rate(item, centre)).collect()).collect();
        let mut done = Done::default();
        for (n, (kind, area)) in arrivals.iter().enumerate() {
            if n % MEASURED_EVERY == 0 {
                // What is still to come before the season is over, as if it were to last for the days that are enough.
                let left = f64::from(PERIODS) * (1.0 - n as f64 / arrivals.len() as f64);
                for (sku, location, level) in stock.levels.iter_mut() {
                    let item = skus.iter().position(|s| *s == sku).unwrap_or(0);
                    level.per_day_milli = (rates[item][(location.0.as_u128() - 1) as usize] * left / ENOUGH_DAYS * 1_000.0) as i32;
                }
            }
            let order = &orders[*kind][*area];
            let planned = plan(order, &Snapshot { at: chrono::DateTime::UNIX_EPOCH, network: &network, stock: &stock }, rules);
            let mut from = vec![self.centres.len(); order.lines.len()];
            for assignment in &planned.assignments {
                let at = usize::try_from(assignment.line_no - 1).unwrap_or(0);
                from[at] = (assignment.location.0.as_u128() - 1) as usize;
                if let Some(level) = stock.levels.get_mut(order.lines[at].sku, assignment.location) {
                    level.on_hand -= assignment.quantity;
                }
            }
            self.count(&mut done, *area, &from);
        }
        done
    }

    /// Adds an order whose items come from these centres.
    fn count(&self, done: &mut Done, area: usize, from: &[usize]) {
        let used: BTreeSet<usize> = from.iter().copied().collect();
        done.cost += used.iter().map(|centre| self.fixed(*centre)).sum::<f64>() + from.iter().map(|centre| self.unit[area][*centre]).sum::<f64>();
        done.shipments += used.iter().filter(|centre| **centre < self.centres.len()).count() as u64;
        done.items += from.len() as u64;
        done.filled += from.iter().filter(|centre| **centre < self.centres.len()).count() as u64;
    }
}

/// Rounds the shares of an order's items together: centres open one after the other, each at the rate of the most that any item takes from it, and an item
/// that is still waiting takes the centre that opens with the chance that keeps its own share. After Ma (2023): each item comes from each centre with the
/// chance that the program gives it, and items share openings.
fn shared_openings(shares: &[Vec<f64>], draws: &mut Draws) -> Vec<usize> {
    let ways = shares.first().map_or(0, Vec::len);
    let rates: Vec<f64> = (0..ways).map(|centre| shares.iter().map(|row| row[centre]).fold(0.0, f64::max)).collect();
    let mut from: Vec<Option<usize>> = vec![None; shares.len()];
    while from.iter().any(Option::is_none) {
        let centre = draws.among(&rates);
        // One draw for all: who would take it with the smaller chance takes it only where the others do.
        let drawn = draws.share() * rates[centre];
        for (row, from) in shares.iter().zip(&mut from) {
            if from.is_none() && drawn < row[centre] {
                *from = Some(centre);
            }
        }
    }
    from.into_iter().map(|from| from.unwrap_or(0)).collect()
}
