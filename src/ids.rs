//! Typed ids, in alphabetical order. All are UUIDv7: they sort by the time they were made, to the microsecond, and serve range partitions.

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
    DeliveryId,
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
    WebhookId,
);

/// A UUIDv7 whose time part is `at`, with what is less than a millisecond in the twelve bits after it: RFC 9562, 6.2, method 3.
#[cfg(feature = "postgres")]
pub fn new_uuid(at: chrono::DateTime<chrono::Utc>) -> Uuid {
    let mut rest = crate::random_bytes::<10>();
    let within = at.timestamp_subsec_nanos() % 1_000_000 * 4_096 / 1_000_000;
    let [.., high, low] = within.to_be_bytes();
    (rest[0], rest[1]) = (high, low);
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(at.timestamp_millis()).unwrap_or(0), &rest).into_uuid()
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn ids_sort_by_the_microsecond_that_they_were_made_at() {
        let first = DateTime::from_timestamp_millis(1_800_000_000_123).unwrap();
        let ids: Vec<Uuid> = (0..2_000).map(|n| new_uuid(first + TimeDelta::microseconds(n))).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[0].get_version_num(), 7);
        let (seconds, nanos) = ids[1_999].get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos), (1_800_000_000, 124_000_000));
    }
}
