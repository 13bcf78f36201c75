//! Typed ids, in alphabetical order. All are UUIDv7: they sort by the time they were made and serve range partitions.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! declare_ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "postgres", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        #[cfg(feature = "postgres")]
        impl $name {
            /// A new id that sorts at `at`.
            pub fn new(at: chrono::DateTime<chrono::Utc>) -> Self {
                Self(new_uuid(at))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    )+};
}

declare_ids!(
    ApiTokenId,
    BookingId,
    ClosureId,
    ContactId,
    CountId,
    CustomerId,
    DisruptionId,
    FileImportId,
    HoldId,
    ImageId,
    ImportId,
    LegalEntityId,
    LocationGroupId,
    LocationId,
    NotificationId,
    OperationId,
    OrderId,
    ProductId,
    PurchaseOrderId,
    ReservationId,
    ReturnId,
    RulesetId,
    SimulationId,
    /// One time that a version of a ruleset is put in force.
    ActivationId,
    /// Rules that are being worked on.
    DraftId,
    SkuId,
    StockRuleId,
    SupplierId,
    TransferId,
    UserId,
);

/// A UUIDv7 whose time part is `at`.
#[cfg(feature = "postgres")]
pub fn new_uuid(at: chrono::DateTime<chrono::Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, at.timestamp_subsec_nanos()))
}
