//! What a basket comes to, how it can be had and when, before anybody has said who they are.

use super::capture_orders::release_at;
use super::delivery_options::{Basket, plans_needed};
use super::holds;
use super::marks::origin_of;
use super::planning::Planning;
use super::shortage::is_accepted;
use super::terms::named_group;
use super::views::{BasketLine, BasketQuote};
use super::wishes::Wishes;
use super::{Method, NewLine};
use crate::catalog::{self, PricedSku, Wanted};
use crate::fulfilment::views::WishView;
use crate::geo;
use crate::identity::{Act, Permission};
use crate::ids::{BookingId, HoldId};
use crate::inventory::{self, Snapshot};
use crate::money::{Money, UnitPrice};
use crate::refusal::{Refusal, Result};
use crate::routing::{self, OrderTraits, PlanLine, PlanOrder};
use crate::slots;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::sync::Arc;

/// A basket that somebody wants to know about.
#[derive(Clone, Copy, Debug)]
pub struct BasketRequest<'a> {
    pub channel: &'a str,
    /// The group of customers that it is from, where the channel knows one.
    pub customer_group: Option<&'a str>,
    pub lines: &'a [NewLine],
    /// The basket's hold: what it keeps can be had.
    pub hold: Option<HoldId>,
    /// The slots that are kept for it: they are among those that can be chosen.
    pub bookings: &'a [BookingId],
    /// Where it goes, ISO 3166-1 alpha-2; the channel's own country where left out.
    pub country: Option<&'a str>,
    /// What is known of the postcode.
    pub postcode: &'a str,
    /// At most so many stores are asked, the nearest first.
    pub most_stores: usize,
    /// Tell each carrier service apart.
    pub with_services: bool,
    /// As if it were ordered at another moment: on the network, the rules of stock and the stock as they were then, or as far as they are known for later.
    pub at: Option<DateTime<Utc>>,
}

impl<'a> BasketRequest<'a> {
    /// A basket of a channel as it stands, for its own country.
    pub const fn new(channel: &'a str, lines: &'a [NewLine]) -> Self {
        Self {
            channel,
            customer_group: None,
            lines,
            hold: None,
            bookings: &[],
            country: None,
            postcode: "",
            most_stores: 0,
            with_services: false,
            at: None,
        }
    }
}

/// Prices a basket for a channel, and plans it as an order would be that brings along what its hold keeps: with each way of delivery and in each store,
/// so that what is said here is what the order will do. What stands in an order's way is told of each line: something that is not sold any more, a wish
/// that cannot be met, too few units.
pub async fn quote_basket(conn: &mut PgConnection, act: &Act, planning: &Planning, request: &BasketRequest<'_>) -> Result<BasketQuote> {
    act.require(Permission::ReadCatalog)?;
    let at = request.at.unwrap_or(act.now);
    let other_time;
    let planning = if at == act.now {
        planning
    } else {
        // What was, and what is planned, is not for everybody.
        act.require(Permission::ReadOrders)?;
        let ruleset = Arc::new(routing::active_ruleset(conn, at).await?.ruleset);
        other_time = Planning { network: Arc::new(inventory::network_at(conn, at).await?), ruleset, ..planning.clone() };
        &other_time
    };
    let BasketRequest { channel, lines: basket, hold, .. } = *request;
    let terms = planning.terms.channels.get(channel).ok_or_else(|| Refusal::field("/channel", format!("There is no channel “{channel}”.")))?;
    let customer_group = named_group(request.customer_group);
    if let Some(message) = planning.terms.wrong_group(customer_group) {
        return Err(Refusal::field("/customer_group", message).into());
    }
    let country = request.country.map(str::trim).filter(|c| !c.is_empty()).unwrap_or(&terms.country);
    let destination = geo::locate(country, request.postcode)
        .ok_or_else(|| Refusal::field("/country", "We do not deliver to this country. Use a two-letter code such as GB."))?;
    let currency = terms.currency;
    let wanted: Vec<Wanted<'_>> = basket.iter().map(|line| Wanted { channel, currency, code: &line.sku, customer_group }).collect();
    let prices = catalog::price_skus(conn, at, &wanted).await?;
    let codes: Vec<String> = basket.iter().map(|line| line.sku.clone()).collect();
    let handles = catalog::products_by_codes(conn, act, &codes).await?;
    let mut lines = Vec::with_capacity(basket.len());
    let mut plan_lines: Vec<PlanLine> = Vec::new();
    // For each line of the plan, which line of the basket it is of.
    let mut of_basket = Vec::new();
    let mut services: Vec<(&PricedSku, &str)> = Vec::new();
    for (index, line) in basket.iter().enumerate() {
        let sku = prices.sku(channel, &line.sku, customer_group);
        let sold = sku.filter(|sku| !sku.retired).and_then(|sku| Some((sku, sku.unit_price?)));
        let mut view = BasketLine {
            code: line.sku.clone(),
            name: sku.map_or_else(|| line.sku.clone(), |sku| sku.name.clone()),
            handle: handles.iter().find(|(code, _)| *code == line.sku).map(|(_, handle)| handle.clone()).unwrap_or_default(),
            quantity: line.quantity,
            amount: Money::new(0, currency),
            wish: WishView { personalisation: line.personalisation.clone(), gift_wrap: line.gift_wrap, kit: None },
            expected_on: None,
            problem: None,
        };
        match sold {
            None => view.problem = Some("This is not sold any more. Take it out.".to_owned()),
            Some((sku, price)) => {
                if let Some(skill) = &sku.skill {
                    services.push((sku, skill));
                }
                let things = planning.things_of(sku);
                let is_kit = things.iter().any(|thing| thing.part.is_some());
                let wishes = Wishes::read(&planning.terms, channel, sku, is_kit, line, false).unwrap_or_else(|(_, message)| {
                    view.problem = Some(message);
                    Wishes::default()
                });
                match wishes.amount(price, line.quantity, currency) {
                    Some(amount) => view.amount = amount,
                    None => view.problem = Some("This comes to more than can be charged. Order fewer.".to_owned()),
                }
                for its in planning.lines_of(sku, plan_lines.len(), line.quantity, view.amount.minor) {
                    plan_lines.push(its);
                    of_basket.push(index);
                }
            }
        }
        lines.push(view);
    }
    let goods: i64 = lines.iter().map(|l| l.amount.minor).sum();
    let mut order = PlanOrder {
        channel: channel.to_owned(),
        customer_group: customer_group.map(str::to_owned),
        method: Method::Ship,
        pickup_location: None,
        country: country.to_owned(),
        destination,
        postcode: request.postcode.to_owned(),
        services: None,
        release_at: release_at(planning, at, channel),
        slot: None,
        value_minor: goods,
        lines: plan_lines,
        excluded: Vec::new(),
        not_before: Vec::new(),
        taken_by: None,
        by_hand: false,
        promised: Vec::new(),
        traits: OrderTraits {
            origin: origin_of(&act.actor).to_owned(),
            currency: currency.code().to_owned(),
            gift: basket.iter().any(|line| line.gift_wrap),
            ..OrderTraits::new_at(at)
        },
    };
    planning.look_up(conn, &mut [&mut order], at).await?;
    let own = holds::units_of(conn, &hold.map(|h| h.0).into_iter().collect::<Vec<_>>()).await?;
    let skus: Vec<_> = order.lines.iter().map(|l| l.sku).chain(own.iter().map(|h| h.sku)).collect();
    let mut stock = if at < act.now {
        inventory::stock_as_of(conn, &planning.network, &skus, at, None, planning.ruleset.needs.demand).await?
    } else {
        inventory::stock_now(conn, &planning.network, &skus, at, planning.ruleset.needs.demand).await?
    };
    holds::free(&mut stock, &own);
    let snapshot = Snapshot { at, network: &planning.network, stock: &stock };
    let plan = routing::plan(&order, &snapshot, &planning.ruleset);
    let is_taken = is_accepted(&order, &plan, &snapshot, &planning.ruleset);
    for waiting in &plan.waiting {
        let Some(at) = order.lines.iter().position(|l| l.line_no == waiting.line_no) else { continue };
        let line: &mut BasketLine = &mut lines[of_basket[at]];
        match (waiting.location.and_then(|l| planning.network.location(l)), waiting.expected_at) {
            (Some(place), Some(at)) => line.expected_on = line.expected_on.max(Some(place.day(at))),
            // Of an order that is taken, somebody looks at it first.
            _ if is_taken => {}
            _ => line.problem = Some("Not all of this can be had any more. Order fewer.".to_owned()),
        }
    }
    for (at, sku) in order.lines.iter().map(|l| l.sku).enumerate() {
        let wanted: i64 = order.lines.iter().filter(|l| l.sku == sku).map(|l| i64::from(l.quantity)).sum();
        if let Some(cap) = planning.network.rules.cap(order.buyer(), sku).filter(|cap| wanted > i64::from(cap.units)) {
            lines[of_basket[at]].problem = Some(format!("At most {} of this can be ordered here. Order fewer.", cap.units));
        }
    }
    let mut plans = plans_needed(planning, channel);
    if !services.is_empty() {
        plans.extend(slots::appointment_plans(&planning.network));
    }
    let free_slots = slots::free_slots(conn, &planning.network, &plans, request.bookings, at).await?;
    let basket = Basket { planning, terms, order, goods_minor: goods, snapshot: &snapshot, free_slots };
    let is_empty = basket.order.lines.is_empty();
    let deliveries = if is_empty { Vec::new() } else { basket.deliveries(request.with_services) };
    let mut pickups = if is_empty { Vec::new() } else { basket.pickups(request.most_stores) };
    if let Some((sku, _)) = services.first() {
        for store in &mut pickups {
            (store.promise, store.problem) = (None, Some(format!("{} is done at your address: have it sent.", sku.name)));
        }
    }
    let appointments = services.into_iter().map(|(sku, skill)| basket.appointment(sku, skill, &deliveries)).collect();
    Ok(BasketQuote {
        lines,
        goods: Money::new(goods, currency),
        country: country.to_owned(),
        postcode: request.postcode.to_owned(),
        deliveries,
        appointments,
        pickups,
        gift_wrap: terms.gift_wrap.and_then(|p: UnitPrice| p.amount(1, currency)),
    })
}
