//! Words and widgets of the domain that two or more places share.

mod amounts;
mod change;
mod choices;
mod done;
mod live;
mod offered;
mod places_map;
mod promise;
mod receipt;
mod status;
mod things;
mod timeline;
mod why;
mod wish;

pub use amounts::amount_text;
#[cfg(feature = "ssr")]
pub use amounts::minor;
pub use change::{ChangeLog, PreviewNote, Scheduled, undo_words};
pub use choices::{CardField, CountryField};
pub use done::{booked_words, emptied_after, times_done};
pub use live::use_live;
pub use offered::Offered;
pub use places_map::PlacesMap;
pub use promise::{Shown, clock, delivered_words, hours_words, order_within, parcels_words, ready_words, slot_words};
pub use receipt::ReceiptFields;
pub use status::{FulfilmentBadge, OrderBadge, PaymentBadge};
#[cfg(feature = "ssr")]
pub use things::Things;
pub use things::{ThingRow, ThingRows};
pub use timeline::{Timeline, event_words};
pub use why::Why;
pub use wish::{GiftMessage, WishNote, WishesCard};
