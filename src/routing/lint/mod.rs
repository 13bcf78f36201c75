//! What is odd about rules that are sound: what can never happen, and what happens to nobody.

use serde::{Deserialize, Serialize};

#[cfg(feature = "postgres")]
mod conditions;
#[cfg(feature = "postgres")]
mod oddities;
#[cfg(feature = "postgres")]
pub use oddities::lint;

/// Something odd about rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oddity {
    /// The position of the rule that it is about; none where it is about all of them.
    pub rule: Option<usize>,
    pub kind: OddityKind,
    /// What is odd, and why.
    pub message: String,
    /// An order that shows it, where one does.
    pub example: Option<String>,
}

text_enum! {
    /// What is odd.
    pub enum OddityKind {
        /// The conditions of a rule contradict each other: it is for no order.
        Contradiction = "contradiction",
        /// Rules before it take every order that it is for.
        Shadowed = "shadowed",
        /// Its demands contradict each other: no location meets them.
        NoLocation = "no_location",
        /// No rule ever takes it.
        LocationNeverChosen = "location_never_chosen",
        /// No rule is for it.
        NoRule = "no_rule",
        /// A way of spreading an order that cannot come about.
        NoSplit = "no_split",
        /// It is asked for by a name that nothing has.
        UnknownWord = "unknown_word",
        /// Something that is wanted and that there is nobody to do.
        NoVendor = "no_vendor",
    }
}
