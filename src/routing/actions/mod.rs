//! What a rule can do, each declared once in a file of its own: its name, its help, its blanks, and what it makes of them.

use super::rules::{Action, Fill};
use super::{Queue, RuleOutcome};
use serde::{Deserialize, Serialize};

/// Something that a rule can do.
pub struct ActionKind {
    /// As rules are stored: it never changes.
    pub code: &'static str,
    pub name: &'static str,
    pub help: &'static str,
    /// How sentences say it; blanks stand by their names in braces.
    pub says: &'static str,
    pub role: Role,
    /// The outcomes after which it makes sense.
    pub after: &'static [RuleOutcome],
    pub blanks: &'static [Blank],
    /// Writes into the decision what is done; or the name of a blank and what is wrong with it.
    ready: fn(&Fills<'_>, &mut Decision) -> Result<(), WrongFill>,
}

/// Whether an action decides about the order or is done besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Decides,
    Besides,
}

/// What is to be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blank {
    pub name: &'static str,
    pub label: &'static str,
    pub filled: Filled,
}

/// With what a blank is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    Queue,
    /// A whole number.
    Number,
    Text,
}

/// What is done after one outcome of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    pub take: Take,
    pub besides: Vec<Besides>,
}

/// What becomes of what was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Take {
    /// Nothing is decided here.
    #[default]
    NextRule,
    /// It is taken; what was not found waits.
    Found { rest: Queue },
    /// It is taken, and from vendors what was not found.
    Vendors { rest: Queue },
    /// It is taken, and what can be had later than it was promised; what was not found even so waits.
    Later { rest: Queue },
    /// It is taken; what was not found is sent by others to the store in which it is collected.
    ToStore { rest: Queue },
    /// The whole order waits.
    Nothing { queue: Queue },
}

/// What is done besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Besides {
    Tag(String),
    CancelAfterDays(u32),
    Announce(String),
    /// An address of the company's own, and what is written there.
    Notify {
        to: String,
        words: String,
    },
    /// So many locations are asked who takes it, for so long.
    Offer {
        places: u32,
        minutes: u32,
    },
}

/// The name of a blank, and what is wrong with what was filled in.
pub type WrongFill = (String, String);

/// What was filled in.
pub struct Fills<'a>(&'a Action);

impl Fills<'_> {
    fn text(&self, blank: &str, most: usize) -> Result<String, WrongFill> {
        match self.0.fills.get(blank) {
            Some(Fill::Text(text)) if !text.trim().is_empty() && text.chars().count() <= most && !text.trim().contains(char::is_control) => {
                Ok(text.trim().to_owned())
            }
            _ => Err((blank.to_owned(), format!("Write something here, at most {most} characters on one line."))),
        }
    }

    fn queue(&self, blank: &str) -> Result<Queue, WrongFill> {
        let choose = || (blank.to_owned(), "Choose what becomes of what is missing.".to_owned());
        self.text(blank, 40).ok().and_then(|code| code.parse().ok()).ok_or_else(choose)
    }

    fn whole(&self, blank: &str, least: u32, most: u32) -> Result<u32, WrongFill> {
        let number = match self.0.fills.get(blank) {
            Some(Fill::Number(number)) => Some(*number),
            _ => None,
        };
        let fits = |n: &f64| n.fract() == 0.0 && (f64::from(least)..=f64::from(most)).contains(n);
        let number = number.filter(fits).ok_or_else(|| (blank.to_owned(), format!("Give a whole number from {least} to {most}.")))?;
        Ok(number as u32)
    }
}

macro_rules! actions {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*
        /// All of them, in the order in which they are offered.
        pub static ALL: &[&ActionKind] = &[$(&$name::KIND),*];
    };
}
actions! { assign, next_rule, promise_anew, hold, transfer_to_store, drop_ship, substitute, ask_customer, offer, cancel_after, tag, announce, notify }

/// The action of a code.
pub fn action_kind(code: &str) -> Option<&'static ActionKind> {
    ALL.iter().find(|kind| kind.code == code).copied()
}

impl ActionKind {
    /// Adds what an action does to a decision; or the name of a blank and what is wrong with it.
    pub(super) fn add_to(&self, decision: &mut Decision, action: &Action) -> Result<(), WrongFill> {
        if let Some(unknown) = action.fills.keys().find(|name| self.blanks.iter().all(|b| b.name != name.as_str())) {
            return Err((unknown.clone(), format!("“{}” asks for nothing of this name.", self.name)));
        }
        (self.ready)(&Fills(action), decision)
    }
}

impl std::fmt::Debug for ActionKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}
