//! What would have happened: a period's orders routed again, in order of time, by other rules.
//!
//! Every order of the period is planned anew at its own moment, on the network, the calendars and the stock as they were then. What other people and other
//! systems did to the stock is repeated as it happened; what the period's orders took, let go and sent is the simulation's own and is carried forward.
//! Live stock is read by nobody and changed by nobody here.
//!
//! Simulating what was in force gives the decisions that were made, each of them: that is the check on all the rest.

pub mod views;

text_enum! {
    /// How far a simulation is.
    pub enum SimulationState {
        Waiting = "waiting",
        Running = "running",
        Done = "done",
        Cancelled = "cancelled",
        Failed = "failed",
    }
}

impl SimulationState {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waits to begin",
            Self::Running => "Running",
            Self::Done => "Done",
            Self::Cancelled => "Called off",
            Self::Failed => "Failed",
        }
    }

    /// Nothing more becomes of it.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }
}

#[cfg(feature = "postgres")]
mod count_rules;
#[cfg(feature = "postgres")]
mod course;
#[cfg(feature = "postgres")]
mod gathered;
#[cfg(feature = "postgres")]
mod happened;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod replay;
#[cfg(feature = "postgres")]
mod run_simulation;
#[cfg(feature = "postgres")]
mod start_simulation;
#[cfg(feature = "postgres")]
mod tally;
#[cfg(feature = "postgres")]
pub use {
    count_rules::count_rules,
    list::{list_moves, list_simulations, read_move, read_simulation},
    run_simulation::{fail_simulation, run_simulation},
    start_simulation::{Source, cancel_simulation, delete_simulation, ready_rules, start_simulation},
};
