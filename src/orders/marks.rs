//! What others have written on an order, for rules to go by: tags, a priority, fields of their own.

#[cfg(feature = "postgres")]
use crate::identity::Actor;
use crate::routing::OrderTraits;
#[cfg(feature = "postgres")]
use crate::tags::{clean_fields, clean_tags};
use chrono::{DateTime, Utc};
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
    /// What kind of order it is, a word in small letters such as `sample` or `wholesale`; `standard` where left out.
    pub order_type: Option<String>,
    /// Fields of the sender's own, each as `name=value`.
    pub attributes: Vec<String>,
    /// By when the sender wants it handed to the carrier, such as a marketplace does.
    pub ship_by: Option<DateTime<Utc>>,
}

impl Marks {
    /// Tags with commas between them and a type, as people type them.
    pub fn typed(tags: &str, order_type: &str) -> Self {
        let tags = tags.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect();
        Self { tags, order_type: Some(order_type.trim().to_owned()).filter(|of| !of.is_empty()), ..Self::default() }
    }

    /// The type, whether it was said or not.
    pub fn type_or_standard(&self) -> &str {
        self.order_type.as_deref().unwrap_or(OrderTraits::STANDARD)
    }
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
        let order_type =
            clean_tags(self.order_type.as_slice()).map_err(|message| problems.push(("/order_type", message.replacen("A tag", "A type", 1))));
        match (tags, customer_tags, attributes, order_type) {
            (Ok(tags), Ok(customer_tags), Ok(attributes), Ok(order_type)) if problems.is_empty() => {
                let order_type = order_type.into_iter().next();
                Ok(Self { tags, priority: self.priority, customer_tags, attributes, order_type, ship_by: self.ship_by })
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
