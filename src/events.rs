//! The spine: every change of state appends an event in the transaction that makes it.
//!
//! From events come timelines, live pages, notifications and the audit trail. They hold no personal data.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

text_enum! {
    /// What an event is about.
    pub enum StreamKind {
        Order = "order",
        User = "user",
        Network = "network",
        Transfer = "transfer",
        Count = "count",
        Product = "product",
        PurchaseOrder = "purchase_order",
        StockAlert = "stock_alert",
        Import = "import",
        Simulation = "simulation",
        Webhook = "webhook",
    }
}

text_enum! {
    /// Everything that can happen.
    pub enum EventKind {
        OrderCaptured = "order_captured",
        OrderPlanned = "order_planned",
        OrderWaiting = "order_waiting",
        /// Whether to wait for what nobody has, or to do without it.
        CustomerAsked = "customer_asked",
        CustomerAnswered = "customer_answered",
        /// Something else is sent in the place of what nobody has.
        LineSubstituted = "line_substituted",
        /// The customer is told another, later date.
        PromiseMoved = "promise_moved",
        PromiseAtRisk = "promise_at_risk",
        PromiseSafe = "promise_safe",
        OrderCancelled = "order_cancelled",
        OrderHeld = "order_held",
        HoldReleased = "hold_released",
        PaymentAuthorised = "payment_authorised",
        PaymentFailed = "payment_failed",
        PaymentExpired = "payment_expired",
        PaymentCaptured = "payment_captured",
        PaymentVoided = "payment_voided",
        PaymentRefunded = "payment_refunded",
        FulfilmentReleased = "fulfilment_released",
        PickingStarted = "picking_started",
        Packed = "packed",
        ReadyForPickup = "ready_for_pickup",
        Shipped = "shipped",
        /// Sent to the store in which the customer collects.
        SentToStore = "sent_to_store",
        Delivered = "delivered",
        Collected = "collected",
        ParcelReturned = "parcel_returned",
        AppointmentPerformed = "appointment_performed",
        AppointmentMoved = "appointment_moved",
        /// Several locations are asked who does it.
        FulfilmentOffered = "fulfilment_offered",
        OfferTaken = "offer_taken",
        OfferDeclined = "offer_declined",
        FulfilmentRejected = "fulfilment_rejected",
        FulfilmentCancelled = "fulfilment_cancelled",
        OrderImported = "order_imported",
        SignedIn = "signed_in",
        SignedOutEverywhere = "signed_out_everywhere",
        UserRegistered = "user_registered",
        UserChanged = "user_changed",
        UserChangeUndone = "user_change_undone",
        PasswordSet = "password_set",
        /// A rule tells other systems something of an order, in a word of its own.
        OrderAnnounced = "order_announced",
        /// A rule has something written to people of the company.
        StaffTold = "staff_told",
        RulesetPublished = "ruleset_published",
        RulesetApproved = "ruleset_approved",
        RulesetActivated = "ruleset_activated",
        /// A time that a version is in force was taken back.
        RulesetWithdrawn = "ruleset_withdrawn",
        RoutingSettingsChanged = "routing_settings_changed",
        RoutingStopped = "routing_stopped",
        RoutingResumed = "routing_resumed",
        LocationOpened = "location_opened",
        LocationChanged = "location_changed",
        LocationChangeUndone = "location_change_undone",
        LocationClosed = "location_closed",
        LocationReopened = "location_reopened",
        DisruptionStarted = "disruption_started",
        DisruptionEnded = "disruption_ended",
        TransferSent = "transfer_sent",
        TransferReceived = "transfer_received",
        TransferClosed = "transfer_closed",
        CountOpened = "count_opened",
        CountHandedIn = "count_handed_in",
        CountReopened = "count_reopened",
        CountBooked = "count_booked",
        CountClosed = "count_closed",
        CountCancelled = "count_cancelled",
        StockRuleSet = "stock_rule_set",
        StockRuleEnded = "stock_rule_ended",
        AllowedChanged = "allowed_changed",
        LocationGroupSet = "location_group_set",
        LocationGroupUndone = "location_group_undone",
        ChannelSet = "channel_set",
        DeliverySet = "delivery_set",
        DeliveryEnded = "delivery_ended",
        DeliveryChangeUndone = "delivery_change_undone",
        BackorderTermsSet = "backorder_terms_set",
        ProductSaved = "product_saved",
        PriceSet = "price_set",
        KitSet = "kit_set",
        /// A level has crossed its reorder point.
        StockLow = "stock_low",
        ReturnApproved = "return_approved",
        ReturnReceived = "return_received",
        ReturnClosed = "return_closed",
        ReturnCancelled = "return_cancelled",
        PurchaseDrafted = "purchase_drafted",
        PurchaseChanged = "purchase_changed",
        PurchaseApproved = "purchase_approved",
        PurchaseSent = "purchase_sent",
        PurchaseConfirmed = "purchase_confirmed",
        PurchaseReceived = "purchase_received",
        PurchaseClosed = "purchase_closed",
        PurchaseCancelled = "purchase_cancelled",
        /// A part of a file was looked at or taken in.
        ImportMoved = "import_moved",
        /// A part of a simulation was gone through.
        SimulationMoved = "simulation_moved",
        WebhookAdded = "webhook_added",
        WebhookChanged = "webhook_changed",
        WebhookSecretRenewed = "webhook_secret_renewed",
        WebhookRemoved = "webhook_removed",
        /// A trial was sent, and answered or not.
        WebhookTried = "webhook_tried",
        /// A delivery was given up.
        WebhookFailed = "webhook_failed",
        /// The other side wants no more calls.
        WebhookPaused = "webhook_paused",
    }
}

impl EventKind {
    /// True of what customers are shown of their orders: what happens to their things and their money. What people and systems are told of it is not for them.
    pub const fn is_for_customers(self) -> bool {
        matches!(
            self,
            Self::OrderCaptured
                | Self::OrderImported
                | Self::OrderPlanned
                | Self::OrderWaiting
                | Self::CustomerAsked
                | Self::CustomerAnswered
                | Self::LineSubstituted
                | Self::PromiseMoved
                | Self::OrderCancelled
                | Self::PaymentAuthorised
                | Self::PaymentFailed
                | Self::PaymentExpired
                | Self::PaymentCaptured
                | Self::PaymentVoided
                | Self::PaymentRefunded
                | Self::FulfilmentReleased
                | Self::PickingStarted
                | Self::Packed
                | Self::ReadyForPickup
                | Self::Shipped
                | Self::SentToStore
                | Self::Delivered
                | Self::Collected
                | Self::ParcelReturned
                | Self::FulfilmentCancelled
                | Self::AppointmentPerformed
                | Self::AppointmentMoved
                | Self::ReturnApproved
                | Self::ReturnReceived
                | Self::ReturnClosed
                | Self::ReturnCancelled
        )
    }

    /// True of what other systems can be told of: what happens to orders.
    pub const fn is_for_systems(self) -> bool {
        self.is_for_customers()
            || matches!(
                self,
                Self::OrderHeld
                    | Self::HoldReleased
                    | Self::PromiseAtRisk
                    | Self::PromiseSafe
                    | Self::FulfilmentOffered
                    | Self::OfferTaken
                    | Self::OfferDeclined
                    | Self::FulfilmentRejected
                    | Self::OrderAnnounced
            )
    }

    /// True of what changes a location's settings, and not only when it is closed.
    pub const fn is_of_settings(self) -> bool {
        matches!(self, Self::LocationOpened | Self::LocationChanged | Self::LocationChangeUndone)
    }

    /// For people, in a word or two.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OrderCaptured => "Order received",
            Self::OrderPlanned => "Order routed",
            Self::CustomerAsked => "Customer asked",
            Self::CustomerAnswered => "Customer answered",
            Self::LineSubstituted => "Substitute sent",
            Self::OrderWaiting => "Waiting for stock",
            Self::PromiseMoved => "Date moved",
            Self::PromiseAtRisk => "Date in danger",
            Self::PromiseSafe => "Date safe again",
            Self::OrderCancelled => "Order cancelled",
            Self::OrderHeld => "Order held",
            Self::HoldReleased => "Hold released",
            Self::PaymentAuthorised => "Payment authorised",
            Self::PaymentFailed => "Payment failed",
            Self::PaymentExpired => "Payment expired",
            Self::PaymentCaptured => "Payment charged",
            Self::PaymentVoided => "Payment released",
            Self::PaymentRefunded => "Payment refunded",
            Self::FulfilmentReleased => "To be picked",
            Self::PickingStarted => "Picking started",
            Self::Packed => "Packed",
            Self::ReadyForPickup => "Ready for pickup",
            Self::Shipped => "Sent",
            Self::SentToStore => "Sent to the store",
            Self::Delivered => "Delivered",
            Self::Collected => "Collected",
            Self::ParcelReturned => "Sent back",
            Self::AppointmentPerformed => "Appointment kept",
            Self::AppointmentMoved => "Appointment moved",
            Self::FulfilmentOffered => "Offered",
            Self::OfferTaken => "Offer taken",
            Self::OfferDeclined => "Offer declined",
            Self::FulfilmentRejected => "Turned down",
            Self::FulfilmentCancelled => "Called off",
            Self::OrderImported => "Order imported",
            Self::SignedIn => "Signed in",
            Self::SignedOutEverywhere => "Signed out everywhere",
            Self::UserRegistered => "Added",
            Self::UserChanged => "Changed",
            Self::UserChangeUndone => "The last change was undone",
            Self::PasswordSet => "New password",
            Self::OrderAnnounced => "Told to other systems",
            Self::StaffTold => "Written to staff",
            Self::RulesetPublished => "Routing rules published",
            Self::RulesetApproved => "Routing rules approved",
            Self::RulesetActivated => "New routing rules",
            Self::RulesetWithdrawn => "Routing rules taken back",
            Self::RoutingSettingsChanged => "Settings of routing changed",
            Self::RoutingStopped => "Routing stopped",
            Self::RoutingResumed => "Routing goes on",
            Self::LocationOpened => "Opened",
            Self::LocationChanged => "Changed",
            Self::LocationChangeUndone => "The last change was undone",
            Self::LocationClosed => "Closed",
            Self::LocationReopened => "Closure withdrawn",
            Self::DisruptionStarted => "Out of order",
            Self::DisruptionEnded => "In order again",
            Self::TransferSent => "Sent",
            Self::TransferReceived => "Received",
            Self::TransferClosed => "Closed short",
            Self::CountOpened => "Count begun",
            Self::CountHandedIn => "Handed in",
            Self::CountReopened => "To be counted again",
            Self::CountBooked => "Difference booked",
            Self::CountClosed => "Done",
            Self::CountCancelled => "Called off",
            Self::StockRuleSet => "Stock rule set",
            Self::StockRuleEnded => "Stock rule ended",
            Self::AllowedChanged => "Where it may be sold was changed",
            Self::LocationGroupSet => "Group of locations set",
            Self::LocationGroupUndone => "The last change of a group of locations was undone",
            Self::ChannelSet => "Channel set",
            Self::DeliverySet => "Set",
            Self::DeliveryEnded => "Ended",
            Self::DeliveryChangeUndone => "The last change was undone",
            Self::ProductSaved => "Product saved",
            Self::PriceSet => "Price set",
            Self::KitSet => "Parts of a kit set",
            Self::StockLow => "Time to order",
            Self::ReturnApproved => "Return agreed",
            Self::ReturnReceived => "Return received",
            Self::ReturnClosed => "Return closed short",
            Self::ReturnCancelled => "Return called off",
            Self::PurchaseDrafted => "Drafted",
            Self::PurchaseChanged => "Changed",
            Self::PurchaseApproved => "Approved",
            Self::PurchaseSent => "Sent",
            Self::PurchaseConfirmed => "Confirmed",
            Self::PurchaseReceived => "Received",
            Self::PurchaseClosed => "Closed",
            Self::PurchaseCancelled => "Cancelled",
            Self::ImportMoved | Self::SimulationMoved => "Went on",
            Self::WebhookAdded => "Added",
            Self::WebhookChanged => "Changed",
            Self::WebhookSecretRenewed => "New secret",
            Self::WebhookRemoved => "Removed",
            Self::WebhookTried => "Tried",
            Self::WebhookFailed => "Given up",
            Self::WebhookPaused => "Paused",
            Self::BackorderTermsSet => "What may be sold before it is there was set",
        }
    }
}

/// One recorded event, as readers get it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub stream_kind: StreamKind,
    pub stream_id: Uuid,
    /// Counts from 1 without gaps in each stream.
    pub version: i32,
    pub kind: EventKind,
    pub actor_kind: String,
    pub occurred_at: DateTime<Utc>,
    pub details: EventDetails,
}

/// One thing that became another: the audit's before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub before: String,
    pub after: String,
}

/// What a change would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePreview {
    /// From when on.
    pub from: DateTime<Utc>,
    pub changes: Vec<Change>,
    /// What it means for what is there now.
    pub consequences: Vec<String>,
}

/// An event as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub kind: EventKind,
    pub who: String,
    pub at: DateTime<Utc>,
    pub reason: Option<String>,
    pub changes: Vec<Change>,
}

/// What an event carries beside its kind. One flat record, since events say little: the rows they name say the rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fulfilment_no: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Where something goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Units that were called off, where others of the order were not: (line, units).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub called_off: Vec<(i32, i32)>,
}

impl EventDetails {
    /// Of a date that was moved: true where no part of it is later than it was.
    pub fn comes_sooner(&self) -> bool {
        let moment = |text: &str| DateTime::parse_from_rfc3339(text).ok();
        let sooner = |change: &Change| moment(&change.before).zip(moment(&change.after)).is_some_and(|(before, after)| after < before);
        !self.changes.is_empty() && self.changes.iter().all(sooner)
    }
}

#[cfg(feature = "postgres")]
pub use postgres::{Cursor, Happened, NewEvent, PARTITIONS, append, append_all, horizon, read_after, read_stream, tell};

#[cfg(feature = "postgres")]
mod postgres {
    use super::{Event, EventDetails, EventKind, StreamKind, Told};
    use crate::identity::Act;
    use crate::refusal::Result;
    use chrono::{DateTime, Utc};
    use sqlx::PgConnection;
    use sqlx::types::Json;
    use uuid::Uuid;

    /// Streams are spread over this many partitions by the last byte of their id, so that readers can share the work.
    pub const PARTITIONS: i16 = 16;

    /// An event about to be appended.
    #[derive(Clone, Debug)]
    pub struct NewEvent {
        pub kind: EventKind,
        pub details: EventDetails,
    }

    impl From<EventKind> for NewEvent {
        fn from(kind: EventKind) -> Self {
            Self { kind, details: EventDetails::default() }
        }
    }

    /// What happened in one stream.
    #[derive(Clone, Debug)]
    pub struct Happened<'a> {
        pub act: &'a Act,
        pub stream: Uuid,
        pub events: Vec<NewEvent>,
    }

    /// Appends to one stream. The caller holds whatever lock makes it the stream's only writer; a second writer fails on the version.
    pub async fn append(conn: &mut PgConnection, act: &Act, stream_kind: StreamKind, stream: Uuid, events: Vec<NewEvent>) -> Result<()> {
        append_all(conn, stream_kind, vec![Happened { act, stream, events }]).await
    }

    /// Appends to some streams of one kind, in one statement.
    pub async fn append_all(conn: &mut PgConnection, stream_kind: StreamKind, happened: Vec<Happened<'_>>) -> Result<()> {
        let (mut streams, mut partitions, mut kinds, mut payloads) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut actor_kinds, mut actor_ids, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for Happened { act, stream, events } in happened {
            for event in events {
                streams.push(stream);
                partitions.push(i16::from(stream.as_bytes()[15]) % PARTITIONS);
                kinds.push(event.kind.to_string());
                payloads.push(serde_json::to_value(event.details).unwrap_or_default());
                actor_kinds.push(act.actor.kind().to_owned());
                actor_ids.push(act.actor.id());
                times.push(act.now);
            }
        }
        if streams.is_empty() {
            return Ok(());
        }
        sqlx::query_file!(
            "src/sql/append_events.sql",
            stream_kind.as_str(),
            &streams,
            &partitions,
            &kinds,
            &payloads,
            &actor_kinds,
            &actor_ids as _,
            &times,
        )
        .execute(conn)
        .await?;
        Ok(())
    }

    /// All events of one stream, oldest first.
    pub async fn read_stream(conn: &mut PgConnection, stream_id: Uuid) -> Result<Vec<Event>> {
        let rows = sqlx::query!(
            r#"select stream_kind as "stream_kind: StreamKind", stream_id, version, kind as "kind: EventKind", actor_kind, occurred_at,
                payload as "details: Json<EventDetails>"
            from events
            where stream_id = $1
            order by version"#,
            stream_id
        )
        .fetch_all(conn)
        .await?;
        Ok(rows
            .into_iter()
            .map(|r| Event {
                stream_kind: r.stream_kind,
                stream_id: r.stream_id,
                version: r.version,
                kind: r.kind,
                actor_kind: r.actor_kind,
                occurred_at: r.occurred_at,
                details: r.details.0,
            })
            .collect())
    }

    /// The newest `limit` events of one stream for people, newest first, with the names of who did it. What changes nothing is left out: signing
    /// in and out, and calls to other systems.
    pub async fn tell(conn: &mut PgConnection, stream_id: Uuid, limit: i64) -> Result<Vec<Told>> {
        let rows = sqlx::query!(
            r#"select e.kind as "kind: EventKind", e.occurred_at, e.payload as "details: Json<EventDetails>",
                case e.actor_kind when 'user' then coalesce(u.name, 'somebody') when 'token' then coalesce(t.name, 'a token')
                    when 'supplier' then 'the supplier' else 'Waybill' end as "who!"
            from events e
            left join users u on e.actor_kind = 'user' and u.user_id = e.actor_id
            left join api_tokens t on e.actor_kind = 'token' and t.token_id = e.actor_id
            where e.stream_id = $1 and e.kind not in ('signed_in', 'signed_out_everywhere', 'webhook_tried', 'webhook_failed')
            order by e.version desc
            limit $2"#,
            stream_id,
            limit
        )
        .fetch_all(conn)
        .await?;
        let told =
            rows.into_iter().map(|r| Told { kind: r.kind, who: r.who, at: r.occurred_at, reason: r.details.0.reason, changes: r.details.0.changes });
        Ok(told.collect())
    }

    /// Where a reader is in one partition.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Cursor {
        pub horizon: i64,
        pub position: i64,
    }

    /// The cursor of a reader that wants only what happens from now on.
    pub async fn horizon(conn: &mut PgConnection) -> Result<Cursor> {
        // Everything below the oldest running transaction has been seen or will never come.
        let xmin = sqlx::query_scalar!(r#"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "xmin!""#).fetch_one(conn).await?;
        Ok(Cursor { horizon: xmin - 1, position: i64::MAX })
    }

    /// The next events of one partition (or of all), in reading order, with the cursor behind each.
    ///
    /// Positions are handed out before commit, so a reader that just follows them would step over a slow transaction's events. This one
    /// reads in the order (horizon, position) and stays below the oldest transaction that still runs.
    pub async fn read_after(conn: &mut PgConnection, partition: Option<i16>, after: Cursor, limit: i64) -> Result<Vec<(Cursor, Event)>> {
        struct Row {
            horizon: i64,
            position: i64,
            stream_kind: StreamKind,
            stream_id: Uuid,
            version: i32,
            kind: EventKind,
            actor_kind: String,
            occurred_at: DateTime<Utc>,
            details: Json<EventDetails>,
        }
        let rows =
            sqlx::query_file_as!(Row, "src/sql/read_events.sql", partition, after.horizon.to_string(), after.position, limit).fetch_all(conn).await?;
        Ok(rows
            .into_iter()
            .map(|r| {
                let event = Event {
                    stream_kind: r.stream_kind,
                    stream_id: r.stream_id,
                    version: r.version,
                    kind: r.kind,
                    actor_kind: r.actor_kind,
                    occurred_at: r.occurred_at,
                    details: r.details.0,
                };
                (Cursor { horizon: r.horizon, position: r.position }, event)
            })
            .collect())
    }
}
