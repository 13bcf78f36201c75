//! Who acts, and what they may do: roles, permissions, users, sessions, API tokens.
//!
//! Deny by default: every use case names the permission it needs with [`Act::require`], and the web edge names one for every server
//! function and route besides.

use crate::ids::{ApiTokenId, LocationId, OrderId, PurchaseOrderId, UserId};
use crate::refusal::{Refusal, RefusalCode};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

text_enum! {
    /// What a person does in the company.
    pub enum Role {
        CustomerService = "customer_service",
        Store = "store",
        Warehouse = "warehouse",
        /// Sees to it that there is enough: buys, and moves stock about.
        Planner = "planner",
        Admin = "admin",
        Finance = "finance",
        Executive = "executive",
    }
}

text_enum! {
    /// One thing that can be allowed. Tokens carry a set of them; roles stand for one.
    pub enum Permission {
        ReadOrders = "orders:read",
        CaptureOrders = "orders:capture",
        CancelOrders = "orders:cancel",
        /// Have messages sent to them again.
        WriteToCustomers = "notifications:send",
        ReadFulfilment = "fulfilment:read",
        WorkFulfilment = "fulfilment:work",
        ReadStock = "stock:read",
        AdjustStock = "stock:adjust",
        /// Send to and receive from other locations.
        MoveStock = "stock:move",
        /// Say how many there are, without seeing what the books say.
        CountStock = "stock:count",
        /// Agree to take things back.
        ManageReturns = "returns:manage",
        ReadCatalog = "catalog:read",
        /// Products, prices and kits.
        ManageCatalog = "catalog:manage",
        ReadReports = "reports:read",
        ManageTokens = "tokens:manage",
        ManageUsers = "users:manage",
        /// Say which other systems are told what happens to orders.
        ManageWebhooks = "webhooks:manage",
        ManageNetwork = "network:manage",
        /// Say what is kept back, for whom, and where a thing may be sold.
        ManageStockRules = "stock_rules:manage",
        /// Suppliers, reorder points and purchase orders, without what things cost.
        ReadPurchasing = "purchasing:read",
        /// What suppliers charge.
        ReadCosts = "costs:read",
        ManagePurchasing = "purchasing:manage",
        ReadRouting = "routing:read",
        /// Write rules and put them in force, stop routing.
        ManageRouting = "routing:manage",
    }
}

impl Permission {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ReadOrders => "See orders",
            Self::CaptureOrders => "Take orders",
            Self::CancelOrders => "Hold and cancel orders",
            Self::WriteToCustomers => "Write to customers",
            Self::ReadFulfilment => "See the work of a location",
            Self::WorkFulfilment => "Pick, pack, send and hand over",
            Self::ReadStock => "See stock",
            Self::AdjustStock => "Correct stock",
            Self::MoveStock => "Receive, and send to other locations",
            Self::CountStock => "Count",
            Self::ReadCatalog => "See products",
            Self::ManageCatalog => "Change products and prices",
            Self::ReadReports => "See reports",
            Self::ManageTokens => "Give out API tokens",
            Self::ManageUsers => "Change users",
            Self::ManageWebhooks => "Connect other systems",
            Self::ManageNetwork => "Change locations, carriers and delivery prices",
            Self::ManageStockRules => "Say what is kept back and what may be sold",
            Self::ReadPurchasing => "See suppliers and purchase orders",
            Self::ReadCosts => "See what suppliers charge",
            Self::ManagePurchasing => "Buy",
            Self::ManageReturns => "Agree to returns",
            Self::ReadRouting => "See routing rules",
            Self::ManageRouting => "Change routing rules",
        }
    }
}

impl Role {
    /// What the role may do. The golden file of the web tests shows this as a table.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Admin => true,
            Self::CustomerService => {
                matches!(
                    permission,
                    P::ReadOrders
                        | P::CaptureOrders
                        | P::CancelOrders
                        | P::WriteToCustomers
                        | P::ReadFulfilment
                        | P::ReadStock
                        | P::ManageReturns
                        | P::ReadCatalog
                        | P::ReadReports
                        | P::ReadRouting
                )
            }
            Self::Store | Self::Warehouse => {
                matches!(
                    permission,
                    P::ReadFulfilment
                        | P::WorkFulfilment
                        | P::ReadStock
                        | P::MoveStock
                        | P::CountStock
                        | P::ManageReturns
                        | P::ReadCatalog
                        | P::ReadPurchasing
                )
            }
            Self::Planner => {
                matches!(
                    permission,
                    P::ReadOrders
                        | P::ReadStock
                        | P::MoveStock
                        | P::ReadCatalog
                        | P::ReadReports
                        | P::ReadPurchasing
                        | P::ReadCosts
                        | P::ManagePurchasing
                        | P::ReadRouting
                )
            }
            Self::Finance => {
                matches!(permission, P::ReadOrders | P::ReadStock | P::ReadCatalog | P::ReadReports | P::ReadPurchasing | P::ReadCosts)
            }
            Self::Executive => matches!(permission, P::ReadOrders | P::ReadCatalog | P::ReadReports),
        }
    }

    /// At one location only.
    pub const fn works_somewhere(self) -> bool {
        matches!(self, Self::Store | Self::Warehouse)
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::CustomerService => "Customer service",
            Self::Store => "Store",
            Self::Warehouse => "Warehouse",
            Self::Planner => "Planner",
            Self::Admin => "Admin",
            Self::Finance => "Finance",
            Self::Executive => "Executive",
        }
    }

    /// The place a person lands on after signing in.
    pub const fn home(self) -> &'static str {
        match self {
            Self::CustomerService | Self::Admin | Self::Finance => "/desk/orders",
            Self::Store => "/store",
            Self::Warehouse => "/warehouse",
            Self::Planner => "/stock/reorder",
            Self::Executive => "/board",
        }
    }
}

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Waybill itself: background work, imports, the command line.
    System,
    /// Anybody in the shop.
    Visitor,
    /// A customer with the signed link, or the number and e-mail, of one order.
    Customer(OrderId),
    /// A supplier with the signed link of one purchase order. What it sends to a customer itself is the work of its own location.
    Supplier {
        order: PurchaseOrderId,
        sends_from: Option<LocationId>,
    },
    User {
        id: UserId,
        role: Role,
        location: Option<LocationId>,
    },
    Token {
        id: ApiTokenId,
        permissions: Vec<Permission>,
    },
}

impl Actor {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Visitor | Self::Customer(_) => "customer",
            Self::Supplier { .. } => "supplier",
            Self::User { .. } => "user",
            Self::Token { .. } => "token",
        }
    }

    pub const fn id(&self) -> Option<Uuid> {
        match self {
            Self::User { id, .. } => Some(id.0),
            Self::Token { id, .. } => Some(id.0),
            Self::System | Self::Visitor | Self::Customer(_) | Self::Supplier { .. } => None,
        }
    }

    /// The user who acts, where one does.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            _ => None,
        }
    }

    pub fn may(&self, permission: Permission) -> bool {
        match self {
            Self::System => true,
            // Anybody may order and look round the shop.
            Self::Visitor => matches!(permission, Permission::CaptureOrders | Permission::ReadCatalog),
            // What customers may do with an order of theirs goes by [`Act::require_order`], and suppliers with one of ours by
            // [`Act::require_purchase_order`].
            Self::Customer(_) | Self::Supplier { .. } => false,
            Self::User { role, .. } => role.may(permission),
            Self::Token { permissions, .. } => permissions.contains(&permission),
        }
    }
}

/// Changes are not planned further ahead.
const FURTHEST: TimeDelta = TimeDelta::days(730);

/// Who acts, and when: what every use case takes first.
#[derive(Clone, Debug)]
pub struct Act {
    pub actor: Actor,
    pub now: DateTime<Utc>,
}

impl Act {
    pub const fn new(actor: Actor, now: DateTime<Utc>) -> Self {
        Self { actor, now }
    }

    pub const fn system(now: DateTime<Utc>) -> Self {
        Self { actor: Actor::System, now }
    }

    /// When a change begins that somebody plans: now, or within two years. `field` is where they say it.
    pub fn begin(&self, field: &str, from: Option<DateTime<Utc>>) -> Result<DateTime<Utc>, Refusal> {
        match from {
            None => Ok(self.now),
            Some(from) if from < self.now => Err(Refusal::field(field, "A change cannot begin in the past. Leave the date out for now.")),
            Some(from) if from > self.now + FURTHEST => Err(Refusal::field(field, "A change begins within the next two years.")),
            Some(from) => Ok(from),
        }
    }

    /// What the history says of a change that begins later; none of one that begins now.
    #[cfg(feature = "postgres")]
    pub fn planned(&self, from: DateTime<Utc>) -> Option<String> {
        (from > self.now).then(|| format!("from {} on", crate::clock::moment_words(from)))
    }

    /// Refuses an actor who may not.
    pub fn require(&self, permission: Permission) -> Result<(), Refusal> {
        if self.actor.may(permission) {
            Ok(())
        } else if matches!(self.actor, Actor::Visitor) {
            Err(Refusal::new(RefusalCode::Unauthenticated, "Sign in first."))
        } else {
            Err(Refusal::new(RefusalCode::Forbidden, format!("This needs the permission {permission}, which you do not have.")))
        }
    }

    /// The permission, or being the customer of this very order.
    pub fn require_order(&self, order: OrderId, permission: Permission) -> Result<(), Refusal> {
        if self.actor == Actor::Customer(order) { Ok(()) } else { self.require(permission) }
    }

    /// The permission, or being the supplier of this very purchase order.
    pub fn require_purchase_order(&self, order: PurchaseOrderId, permission: Permission) -> Result<(), Refusal> {
        match self.actor {
            Actor::Supplier { order: own, .. } if own == order => Ok(()),
            _ => self.require(permission),
        }
    }

    /// Store and warehouse staff work at their own location only, and so do suppliers at theirs.
    pub fn require_location(&self, location: LocationId, permission: Permission) -> Result<(), Refusal> {
        if let Actor::Supplier { sends_from, .. } = self.actor
            && permission == Permission::WorkFulfilment
            && sends_from == Some(location)
        {
            return Ok(());
        }
        self.require(permission)?;
        match &self.actor {
            Actor::User { role, location: own, .. } if role.works_somewhere() && *own != Some(location) => {
                Err(Refusal::new(RefusalCode::Forbidden, "This belongs to another location."))
            }
            _ => Ok(()),
        }
    }
}

/// Whoever is signed in, as pages need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUser {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub location: Option<LocationId>,
    pub location_name: Option<String>,
}

impl CurrentUser {
    pub const fn actor(&self) -> Actor {
        Actor::User { id: self.user_id, role: self.role, location: self.location }
    }
}

pub mod views;

#[cfg(feature = "postgres")]
mod change_password;
#[cfg(feature = "postgres")]
mod change_user;
#[cfg(feature = "postgres")]
mod guesses;
#[cfg(feature = "postgres")]
mod issue_token;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod register_user;
#[cfg(feature = "postgres")]
mod sign_in;
#[cfg(feature = "postgres")]
pub use {
    change_password::{change_password, new_password, reset_password},
    change_user::{UserChange, change_user, preview_user_change, undo_user_change},
    guesses::{check_guesses, note_wrong_guess},
    issue_token::{actor_of, authenticate_token, issue_token},
    list::{list_users, user_detail},
    register_user::{NewUser, register_user},
    sign_in::{current_user, forget_old_sessions, sign_in, sign_out, sign_out_everywhere},
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_sees_only_its_own_work() {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        let (own, other) = (LocationId(Uuid::from_u128(1)), LocationId(Uuid::from_u128(2)));
        let act = Act::new(Actor::User { id: UserId(Uuid::nil()), role: Role::Store, location: Some(own) }, at);
        assert!(act.require_location(own, Permission::WorkFulfilment).is_ok());
        assert_eq!(act.require_location(other, Permission::WorkFulfilment).unwrap_err().code, RefusalCode::Forbidden);
    }

    #[test]
    fn a_customer_sees_only_their_own_order() {
        let (own, other) = (OrderId(Uuid::from_u128(1)), OrderId(Uuid::from_u128(2)));
        let act = Act::new(Actor::Customer(own), DateTime::<Utc>::UNIX_EPOCH);
        assert!(act.require_order(own, Permission::CancelOrders).is_ok());
        assert!(act.require_order(other, Permission::CancelOrders).is_err());
        assert!(act.require(Permission::ReadOrders).is_err());
    }

    #[test]
    fn every_role_can_do_something_and_only_admins_everything() {
        for role in Role::ALL {
            let allowed = Permission::ALL.iter().filter(|p| role.may(**p)).count();
            assert!(allowed > 0);
            assert_eq!(allowed == Permission::ALL.len(), *role == Role::Admin);
        }
    }
}
