//! An order on its way through a period.

use super::tally::Tally;
use crate::ids::{LocationId, RulesetId, SkuId};
use crate::routing::views::Explanation;
use crate::routing::{PlanLine, PlanOrder, TurnedDown, Waiting};
use chrono::{DateTime, Utc};

/// An order on its way through a period, as it was and as it would have been.
#[derive(Debug)]
pub(super) struct Course {
    pub number: String,
    pub placed_at: DateTime<Utc>,
    /// As it was when it was last decided about.
    pub order: PlanOrder,
    /// All of its lines.
    pub lines: Vec<PlanLine>,
    pub made_by: (RulesetId, i32),
    /// Decisions about it that were made and are yet to come.
    pub to_come: i32,
    /// Nothing was decided otherwise yet.
    pub is_alike: bool,
    pub held: Vec<Held>,
    pub waiting: Vec<Waiting>,
    pub turned_down: Vec<TurnedDown>,
    pub real: Tally,
    pub simulated: Tally,
    /// Of the first decision that would have been another, with its number; none has one that was not made.
    pub explanation: Option<(Option<i32>, Explanation)>,
}

/// Units that the simulation has reserved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub line_no: i32,
    pub sku: SkuId,
    pub location: LocationId,
    pub units: i32,
}

impl Course {
    /// Takes so many units of a line that it holds somewhere away from it: what was taken.
    pub fn give_up(&mut self, location: LocationId, line_no: i32, units: i32) -> Vec<Held> {
        let mut lost: Vec<Held> = Vec::new();
        let mut missing = units;
        for held in self.held.iter_mut().filter(|held| held.location == location && held.line_no == line_no) {
            let units = held.units.min(missing);
            if units > 0 {
                missing -= units;
                held.units -= units;
                lost.push(Held { units, ..*held });
            }
        }
        self.held.retain(|held| held.units > 0);
        lost
    }

    pub fn sku_of(&self, line_no: i32) -> Option<SkuId> {
        self.lines.iter().find(|line| line.line_no == line_no).map(|line| line.sku)
    }

    /// Nothing more becomes of it.
    pub fn is_over(&self) -> bool {
        self.held.is_empty() && self.waiting.is_empty() && self.to_come <= 0
    }

    /// Units of a line that wait.
    pub fn waiting_of(&self, line_no: i32) -> i32 {
        self.waiting.iter().filter(|w| w.line_no == line_no).map(|w| w.quantity).sum()
    }

    /// Lets so many units of a line that nobody has promised wait no longer: how many they were.
    pub fn stop_waiting(&mut self, line_no: i32, units: i32) -> i32 {
        let mut missing = units;
        for waiting in self.waiting.iter_mut().filter(|w| w.line_no == line_no && w.location.is_none()) {
            let stopped = waiting.quantity.min(missing);
            waiting.quantity -= stopped;
            missing -= stopped;
        }
        self.waiting.retain(|w| w.quantity > 0);
        units - missing
    }

    /// True where exactly these units wait.
    pub fn waits_for(&self, order: &PlanOrder) -> bool {
        let wanted: i32 = order.lines.iter().map(|line| line.quantity).sum();
        let waiting: i32 = self.waiting.iter().map(|w| w.quantity).sum();
        wanted == waiting && order.lines.iter().all(|line| self.waiting_of(line.line_no) == line.quantity)
    }

    /// What waits of it in the simulation, asked for as `like` was; none where nothing does.
    pub fn rest(&self, like: &PlanOrder) -> Option<PlanOrder> {
        let template = |line_no: i32| like.lines.iter().chain(&self.lines).find(|line| line.line_no == line_no);
        let mut line_nos: Vec<i32> = self.waiting.iter().map(|w| w.line_no).collect();
        line_nos.sort_unstable();
        line_nos.dedup();
        let lines: Vec<PlanLine> = line_nos.iter().filter_map(|line_no| Some(template(*line_no)?.of_units(self.waiting_of(*line_no)))).collect();
        if lines.is_empty() {
            return None;
        }
        let promised = self.waiting.iter().filter(|w| w.location.is_some()).cloned().collect();
        Some(PlanOrder { lines, taken_by: None, by_hand: false, promised, ..like.clone() })
    }
}
