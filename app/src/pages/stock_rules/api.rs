use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use waybill::customers::views::CustomerGroup;
use waybill::events::ChangePreview;
use waybill::inventory::backorders::views::TermsRow;
use waybill::inventory::rules::views::{AllowedRow, RuleChoices, RuleRow};
use waybill::inventory::views::AvailabilityExplained;

/// Every rule, and what one can be for.
#[server]
pub async fn read_rules() -> Result<(Vec<RuleRow>, RuleChoices), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let rules = waybill::inventory::rules::list_rules(&mut conn, &act).await?;
    Ok((rules, waybill::inventory::rules::rule_choices(&mut conn, &act).await?))
}

/// A rule as the form sends it: numbers are text, since a field may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    pub kind: String,
    pub sku: String,
    pub category: String,
    /// A location's code, or a group's name behind `group `.
    pub place: String,
    pub channel: String,
    pub customer_group: String,
    pub from: String,
    pub until: String,
    pub units: String,
    pub days_of_cover: String,
}

#[cfg(feature = "ssr")]
impl RuleForm {
    fn read(self) -> Result<waybill::inventory::rules::NewRule, waybill::refusal::Refusal> {
        use crate::error::whole_number_if_any as number;
        let (location, location_group) = match self.place.strip_prefix("group ") {
            Some(group) => (String::new(), group.to_owned()),
            None => (self.place, String::new()),
        };
        Ok(waybill::inventory::rules::NewRule {
            kind: self.kind,
            sku: self.sku,
            category: self.category,
            location,
            location_group,
            channel: self.channel,
            customer_group: self.customer_group,
            from: self.from,
            until: self.until,
            units: number("/units", &self.units)?,
            days_of_cover: number("/days_of_cover", &self.days_of_cover)?,
        })
    }
}

#[server]
pub async fn put_rule(form: RuleForm) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let new = form.read()?;
    let id = waybill::ids::StockRuleId::new(act.now);
    waybill::transact!(services.pool, conn => waybill::inventory::rules::put_rule(conn, &act, id, &new).await)?;
    services.changed.notify_waiters();
    Ok(())
}

#[server]
pub async fn end_rule(rule: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let id = rule.parse().map_err(|_| waybill::refusal::Refusal::not_found("such rule"))?;
    waybill::transact!(services.pool, conn => waybill::inventory::rules::end_rule(conn, &act, id).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// A group of locations, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupForm {
    pub name: String,
    /// By code: those that are there are in it.
    pub ticked: BTreeMap<String, String>,
    /// When it begins, in the company's time; empty is now.
    pub from: String,
    /// `preview`, or anything else to make the change.
    pub intent: String,
}

/// Shows what a change of a group would do, or says which locations make it up; none is returned where it was done.
#[server]
pub async fn set_location_group(form: GroupForm) -> Result<Option<ChangePreview>, ApiError> {
    use waybill::inventory::{COMPANY_TIME, places, rules};
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let codes: Vec<String> = form.ticked.into_keys().collect();
    let from = places::local_moment("/from", &form.from, COMPANY_TIME.name())?;
    if form.intent == "preview" {
        return Ok(Some(rules::preview_location_group(&mut *services.pool.acquire().await?, &act, &form.name, &codes, from).await?));
    }
    waybill::transact!(services.pool, conn => rules::set_location_group(conn, &act, &form.name, &codes, from).await)?;
    services.changed.notify_waiters();
    Ok(None)
}

/// Takes the last change of a group back.
#[server]
pub async fn undo_location_group(name: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::inventory::rules::undo_location_group(conn, &act, &name).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// Makes a group of customers known, or gives it another name.
#[server]
pub async fn put_customer_group(code: String, name: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let group = waybill::customers::views::CustomerGroup { code, name };
    waybill::transact!(services.pool, conn => waybill::customers::put_customer_group(conn, &act, &group).await)?;
    Ok(())
}

/// Sets for how many minutes a channel keeps baskets, what it takes for wrapping a gift, empty being not offered, and for how many minutes its orders
/// wait before they are worked on.
#[server]
pub async fn set_channel(
    channel: String,
    #[server(default)] minutes: String,
    #[server(default)] gift_wrap: String,
    #[server(default)] delay: String,
) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let settings = waybill::inventory::rules::ChannelSettings {
        hold_minutes: crate::error::whole_number("/hold_minutes", &minutes)?,
        gift_wrap,
        release_delay_minutes: crate::error::whole_number("/release_delay_minutes", &delay)?,
    };
    waybill::transact!(services.pool, conn => waybill::inventory::rules::set_channel(conn, &act, &channel, &settings).await)?;
    Ok(())
}

/// How the number comes about that a channel sees of a SKU, and where the SKU may be sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    pub sku: String,
    pub name: String,
    pub channel: String,
    pub group: String,
    /// (name in orders, name for people)
    pub channels: Vec<(String, String)>,
    pub groups: Vec<CustomerGroup>,
    pub told: AvailabilityExplained,
    pub allowed: Vec<AllowedRow>,
    /// What may be sold before it is there.
    pub later: Vec<TermsRow>,
    pub may_change: bool,
}

/// `channel` and `group` are empty for nobody in particular.
#[server]
pub async fn read_offered(sku: String, #[server(default)] channel: String, #[server(default)] group: String) -> Result<Offered, ApiError> {
    use waybill::identity::Permission;
    use waybill::inventory::{self, Buyer, rules};
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let network = services.network_of(None).await?;
    let mut conn = services.pool.acquire().await?;
    let buyer = Buyer { channel: Some(channel.as_str()).filter(|c| !c.is_empty()), group: Some(group.as_str()).filter(|g| !g.is_empty()) };
    let name = inventory::sku_name(&mut conn, &act, &sku).await?;
    let told = inventory::explain_availability(&mut conn, &act, &network, buyer, &sku).await?;
    let allowed = rules::allowed_of_sku(&mut conn, &act, &sku).await?;
    let later = inventory::backorders::terms_of_sku(&mut conn, &act, &sku).await?;
    let channels = rules::list_channels(&mut conn, &act).await?.into_iter().map(|c| (c.channel, c.name)).collect();
    let groups = waybill::customers::list_customer_groups(&mut conn, &act).await?;
    let may_change = act.actor.may(Permission::ManageStockRules);
    Ok(Offered { sku, name, channel, group, channels, groups, told, allowed, later, may_change })
}

/// Sets whether a SKU may be sent from a location, and collected there.
#[server]
pub async fn set_allowed(sku: String, location: String, #[server(default)] ship: bool, #[server(default)] pickup: bool) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::inventory::rules::set_allowed(conn, &act, &sku, &location, ship, pickup).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// Says how many units of a SKU a location may sell before it has them.
#[server]
pub async fn set_terms(
    sku: String,
    location: String,
    kind: String,
    #[server(default)] most_units: String,
    #[server(default)] expected: String,
    #[server(default)] follows_purchasing: bool,
    #[server(default)] until: String,
) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let most_units = crate::error::whole_number("/most_units", &most_units)?;
    let new = waybill::inventory::backorders::NewTerms { kind, most_units, expected, follows_purchasing, until };
    waybill::transact!(services.pool, conn => waybill::inventory::backorders::set_terms(conn, &act, &sku, &location, &new).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// Nothing more is sold before it is there.
#[server]
pub async fn end_terms(sku: String, location: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::inventory::backorders::end_terms(conn, &act, &sku, &location).await)?;
    services.changed.notify_waiters();
    Ok(())
}
