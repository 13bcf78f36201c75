//! How well orders are split, on the small instance of the literature: cost over a lower bound, for our router and for the literature's policies, which are
//! written here only.
//!
//! In it, an item may be left unfilled for a price: as if it came from a place of last resort that has everything. Our rules are asked both ways: to send all
//! that there is, which is what they do, and with such a place among the others, which is what the literature means by the least cost.
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
use waybill::inventory::{Location, Network, Snapshot, StockView};
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
    let rules = Asked { plain: ready(&least_cost(false))?, scarce: ready(&least_cost(true))? };
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
        figures.iter_mut().for_each(|(_, figures)| figures.end_network());
    }
    println!("{:<45} {:>12} {:>8} {:>10} {:>9} {:>12}", "policy", "cost / bound", "s.e.", "shipments", "filled", "decisions/s");
    for (name, f) in &figures {
        let (mean, error) = f.mean();
        println!(
            "{name:<45} {mean:>12.3} {error:>8.4} {:>10.3} {:>8.2}% {:>12.0}",
            f.shipments as f64 / f.orders as f64,
            f.filled as f64 * 100.0 / f.items as f64,
            f.orders as f64 / f.time.as_secs_f64()
        );
    }
    Ok(())
}

const NEAREST_CARRYING: &str = "nearest that carries it (myopic)";
const INDEPENDENT: &str = "independent rounding";
const JASIN_SINHA: &str = "correlated rounding (Jasin & Sinha 2015)";
const DILATED: &str = "dilated clocks (Ma 2023)";
const FORCE_OPEN: &str = "force-open (Ma 2023)";
const NEAREST_LIVE: &str = "nearest with live stock, item by item";
const EXACT: &str = "least cost on live stock, all subsets tried";
const OURS: &str = "Waybill: least cost on live stock";
const SCARCE: &str = "the same, with a price on running out";
const FILLING: &str = "Waybill: least cost, all sent that there is";
const FILLING_SCARCE: &str = "the same, with a price on running out ";
const POLICIES: [&str; 11] =
    [NEAREST_CARRYING, INDEPENDENT, JASIN_SINHA, DILATED, FORCE_OPEN, NEAREST_LIVE, EXACT, OURS, SCARCE, FILLING, FILLING_SCARCE];

/// Rules that are asked.
struct Asked {
    plain: Ruleset,
    scarce: Ruleset,
}

/// So often, in orders, it is measured anew what the rest of the season wants of each centre.
const MEASURED_EVERY: usize = 50;
/// Days of stock that are enough, in the cost of running out.
const ENOUGH_DAYS: f64 = 28.0;

/// Amounts are thought of in thousandths of a dollar.
const THOUSANDTHS: f64 = 1_000.0;

/// Rules that ask for the least cost of an order: an amount for each parcel, and one for each item and kilometre. The engine knows no price of an item's
/// way, but one of the carbon dioxide of carrying it: items of a kilogram emit 0.1 g a kilometre.
///
/// What runs out costs a second parcel: where that is priced, a unit risks the price of a parcel where stock ends before the season does.
fn least_cost(scarce: bool) -> Rules {
    const KG_PER_KM: f64 = 0.000_1;
    let part = |by: &str, weight: f64| CostPart { by: by.to_owned(), weight };
    let by_mile = PER_MILE / KM_PER_MILE / KG_PER_KM * THOUSANDTHS;
    let mut costs = vec![part("split", FIXED * THOUSANDTHS), part("carbon", by_mile), part("handling", 100.0)];
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
    /// Of each network that is done, the mean over its runs.
    networks: Vec<f64>,
    /// Of the runs of the one at hand.
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

    fn end_network(&mut self) {
        let runs = std::mem::take(&mut self.ratios);
        self.networks.push(runs.iter().sum::<f64>() / runs.len().max(1) as f64);
    }

    /// The mean over the networks, and its standard error: runs of one network are alike, and count as one.
    fn mean(&self) -> (f64, f64) {
        let n = self.networks.len() as f64;
        let mean = self.networks.iter().sum::<f64>() / n;
        let variance = self.networks.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
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

    fn follow(&self, policy: &str, arrivals: &[(usize, usize)], program: &Program, rules: &Asked, seed: u64) -> Done {
        match policy {
            OURS => return self.route(arrivals, &rules.plain, true),
            SCARCE => return self.route(arrivals, &rules.scarce, true),
            FILLING => return self.route(arrivals, &rules.plain, false),
            FILLING_SCARCE => return self.route(arrivals, &rules.scarce, false),
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
                EXACT => self.exact(items, *area, &stock),
                INDEPENDENT => shares.iter().map(|row| draws.among(row)).collect(),
                JASIN_SINHA => jasin_sinha(shares, &mut draws),
                DILATED => dilated_clocks(shares, &mut draws),
                _ => force_open(shares, &mut draws),
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

    /// The cheapest way to send an order from what is there, or not to send it: all sets of centres, nowhere among them, are tried.
    fn exact(&self, items: &[usize], area: usize, stock: &[Vec<i32>]) -> Vec<usize> {
        let nowhere = self.centres.len();
        let way = |set: u32| -> Option<(f64, Vec<usize>)> {
            let may = |item: usize, centre: usize| set >> centre & 1 == 1 && (centre == nowhere || stock[item][centre] > 0);
            let cheapest =
                |item: &usize| (0..=nowhere).filter(|centre| may(*item, *centre)).min_by(|a, b| self.unit[area][*a].total_cmp(&self.unit[area][*b]));
            let from: Vec<usize> = items.iter().map(cheapest).collect::<Option<_>>()?;
            Some((self.cost(area, &from), from))
        };
        let best = (1u32..1 << (nowhere + 1)).filter_map(way).min_by(|a, b| a.0.total_cmp(&b.0));
        best.map_or_else(|| vec![nowhere; items.len()], |(_, from)| from)
    }

    /// The network as an area sees it. With a place of last resort, it stands where the customer is, and takes for a parcel and an item what leaving it
    /// unfilled costs beyond the price of any parcel and any item.
    fn network(&self, area: usize, id: impl Fn(usize) -> LocationId, may_be_left: bool) -> Network {
        let mut locations: Vec<_> = self.centres.iter().enumerate().map(|(n, point)| world::location(id(n), *point)).collect();
        let nowhere = self.centres.len();
        locations.extend(may_be_left.then(|| Location {
            handling_order_minor: ((self.fixed(nowhere) - FIXED) * THOUSANDTHS).round() as i64,
            handling_unit_minor: ((self.unit[area][nowhere] - UNIT) * THOUSANDTHS).round() as i64,
            ..world::location(id(nowhere), self.metros[area])
        }));
        Network { locations, ..Network::default() }
    }

    /// Our router, on the stock as it is.
    fn route(&self, arrivals: &[(usize, usize)], rules: &Ruleset, may_be_left: bool) -> Done {
        let id = |centre: usize| LocationId(Uuid::from_u128(centre as u128 + 1));
        let nowhere = self.centres.len();
        let skus = world::skus(ITEMS as u32);
        let networks: Vec<Network> = (0..self.metros.len()).map(|area| self.network(area, id, may_be_left)).collect();
        let mut stock = StockView::default();
        for (item, centres) in self.stock.iter().enumerate() {
            for (centre, units) in centres.iter().enumerate() {
                stock.levels.entry(skus[item], id(centre)).on_hand = *units;
            }
            if may_be_left {
                stock.levels.entry(skus[item], id(nowhere)).on_hand = i32::MAX;
            }
        }
        let orders: Vec<Vec<PlanOrder>> = self
            .kinds
            .iter()
            .map(|items| {
                let things: Vec<_> = items.iter().map(|item| skus[*item]).collect();
                let mut lines = world::lines(&things);
                lines.iter_mut().for_each(|line| (line.size.grams, line.amount_minor) = (1_000, (FIXED * THOUSANDTHS) as i64));
                self.metros.iter().map(|point| PlanOrder { lines: lines.clone(), ..world::order("web", "US", *point) }).collect()
            })
            .collect();
        let rates: Vec<Vec<f64>> = (0..ITEMS).map(|item| (0..nowhere).map(|centre| self.rate(item, centre)).collect()).collect();
        let mut done = Done::default();
        for (n, (kind, area)) in arrivals.iter().enumerate() {
            if n % MEASURED_EVERY == 0 {
                // What is still to come before the season is over, as if it were to last for the days that are enough.
                let left = f64::from(PERIODS) * (1.0 - n as f64 / arrivals.len() as f64);
                for (sku, location, level) in stock.levels.iter_mut() {
                    let item = skus.iter().position(|s| *s == sku).unwrap_or(0);
                    let rate = rates[item].get((location.0.as_u128() - 1) as usize).copied().unwrap_or(0.0);
                    level.per_day_milli = (rate * left / ENOUGH_DAYS * THOUSANDTHS) as i32;
                }
            }
            let order = &orders[*kind][*area];
            let planned = plan(order, &Snapshot { at: chrono::DateTime::UNIX_EPOCH, network: &networks[*area], stock: &stock }, rules);
            let mut from = vec![nowhere; order.lines.len()];
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

    /// Dollars for an order whose items come from these centres.
    fn cost(&self, area: usize, from: &[usize]) -> f64 {
        let used: BTreeSet<usize> = from.iter().copied().collect();
        used.iter().map(|centre| self.fixed(*centre)).sum::<f64>() + from.iter().map(|centre| self.unit[area][*centre]).sum::<f64>()
    }

    /// Adds an order whose items come from these centres.
    fn count(&self, done: &mut Done, area: usize, from: &[usize]) {
        let used: BTreeSet<usize> = from.iter().copied().collect();
        done.cost += self.cost(area, from);
        done.shipments += used.iter().filter(|centre| **centre < self.centres.len()).count() as u64;
        done.items += from.len() as u64;
        done.filled += from.iter().filter(|centre| **centre < self.centres.len()).count() as u64;
    }
}

/// Below this, a share is none: what a solver leaves.
const NO_SHARE: f64 = 1e-7;

/// Rounds the shares of an order's items as Jasin & Sinha do. What items take from a centre is cut into layers, each the same share of some of them: the last is
/// what all have, the one before it what all but one have beyond that, and so on. One layer is drawn by its weight: its items come from its centre. Every other
/// item draws by itself from what is left of its layers, so that each comes from each centre with the chance that the program gives it.
fn jasin_sinha(shares: &[Vec<f64>], draws: &mut Draws) -> Vec<usize> {
    struct Layer {
        centre: usize,
        items: Vec<bool>,
        share: f64,
        /// The chance that it is drawn.
        weight: f64,
    }
    let (count, ways) = (shares.len(), shares.first().map_or(0, Vec::len));
    let mut layers: Vec<Layer> = Vec::new();
    for centre in 0..ways {
        let mut left: Vec<f64> = shares.iter().map(|row| row[centre]).collect();
        for size in (1..=count).rev() {
            let items: Vec<bool> = left.iter().map(|share| *share > NO_SHARE).collect();
            if items.iter().filter(|takes| **takes).count() < size {
                continue;
            }
            let share = left.iter().copied().filter(|share| *share > NO_SHARE).fold(1.0, f64::min);
            left.iter_mut().zip(&items).filter(|(_, takes)| **takes).for_each(|(left, _)| *left -= share);
            layers.push(Layer { centre, items, share, weight: share * size as f64 / count as f64 });
        }
    }
    let drawn = &layers[draws.among(&layers.iter().map(|layer| layer.weight).collect::<Vec<_>>())];
    let mut alone = |item: usize| {
        let rest: Vec<f64> = layers.iter().map(|layer| if layer.items[item] { layer.share - layer.weight } else { 0.0 }).collect();
        layers[draws.among(&rest)].centre
    };
    (0..count).map(|item| if drawn.items[item] { drawn.centre } else { alone(item) }).collect()
}

/// A time after which something happens that does at a rate of one.
fn exponential(draws: &mut Draws) -> f64 {
    -(1.0 - draws.share()).ln()
}

/// The centre that an item sees first, of centres that open at some times by its clocks.
fn first(opens: impl Iterator<Item = f64>) -> usize {
    opens.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(centre, _)| centre)
}

/// Rounds the shares of an order's items as Ma does with dilated clocks: every centre opens at a time drawn for all items, an item's clock for a centre goes the
/// slower the less of it comes from there, and it takes the centre that it sees open first.
fn dilated_clocks(shares: &[Vec<f64>], draws: &mut Draws) -> Vec<usize> {
    let ways = shares.first().map_or(0, Vec::len);
    let times: Vec<f64> = (0..ways).map(|_| exponential(draws)).collect();
    shares.iter().map(|row| first(times.iter().zip(row).map(|(time, share)| time / share))).collect()
}

/// The same, where an item has its main centre open by force: no later than when its clock for it has gone round once, and, with the chance that keeps its shares,
/// just then.
fn force_open(shares: &[Vec<f64>], draws: &mut Draws) -> Vec<usize> {
    let ways = shares.first().map_or(0, Vec::len);
    let times: Vec<f64> = (0..ways).map(|_| exponential(draws)).collect();
    let mut of_item = |row: &Vec<f64>| {
        let main = first(row.iter().map(|share| -share));
        let most = row[main];
        let chance = (1.0 - most) / (1.0 - most + most * (1.0 / most).exp() - 1f64.exp());
        let forced = if draws.share() < chance { 1.0 } else { times[main].min(1.0) };
        first(times.iter().zip(row).enumerate().map(|(centre, (time, share))| if centre == main { forced / share } else { time / share }))
    };
    shares.iter().map(&mut of_item).collect()
}
