//! Words and widgets of the domain that two or more places share.

mod live;
mod status;
mod timeline;

pub use live::use_live;
pub use status::{FulfilmentBadge, OrderBadge, PaymentBadge};
pub use timeline::{Timeline, event_words};
