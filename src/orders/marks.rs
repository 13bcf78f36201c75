//! What others have written on an order, for rules to go by: tags, a priority, fields of their own.

#[cfg(feature = "postgres")]
use crate::identity::Actor;
#[cfg(feature = "postgres")]
use crate::tags::{clean_fields, clean_tags};
use serde::{Deserialize, Serialize};

/// As an order is sent with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// Words in small letters, such as `press` or `vip`.
    pub tags: Vec<String>,
    /// 0, ordinary, to 9, most urgent.
    pub priority: i16,
    /// What the sender knows of the customer, such as the segments that they are in: words in small letters.
    pub customer_tags: Vec<String>,
    /// Fields of the sender's own, each as `name=value`.
    pub attributes: Vec<String>,
}

#[cfg(feature = "postgres")]
impl Marks {
    /// As they are kept; or what is wrong, by field. Visitors write nothing on their orders: it decides where they go.
    pub(super) fn check(&self, actor: &Actor) -> Result<Self, Vec<(&'static str, String)>> {
        if *actor == Actor::Visitor {
            return Ok(Self::default());
        }
        let mut problems = Vec::new();
        if !(0..=9).contains(&self.priority) {
            problems.push(("/priority", "The priority is a number from 0, ordinary, to 9, most urgent.".to_owned()));
        }
        let tags = clean_tags(&self.tags).map_err(|message| problems.push(("/tags", message)));
        let customer_tags = clean_tags(&self.customer_tags).map_err(|message| problems.push(("/customer_tags", message)));
        let attributes = clean_fields(&self.attributes).map_err(|message| problems.push(("/attributes", message)));
        match (tags, customer_tags, attributes) {
            (Ok(tags), Ok(customer_tags), Ok(attributes)) if problems.is_empty() => {
                Ok(Self { tags, priority: self.priority, customer_tags, attributes })
            }
            _ => Err(problems),
        }
    }
}

/// How an order comes to be that somebody places, as rules ask for it.
#[cfg(feature = "postgres")]
pub(super) const fn origin_of(actor: &Actor) -> &'static str {
    match actor {
        Actor::System => "import",
        Actor::Visitor | Actor::Customer(_) | Actor::Supplier { .. } => "shop",
        Actor::User { .. } => "phone",
        Actor::Token { .. } => "api",
    }
}
