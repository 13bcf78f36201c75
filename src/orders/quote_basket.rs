//! What a basket comes to, and when what is not there is expected, before anybody has said who they are.

use super::holds;
use super::planning::Planning;
use super::views::{BasketLine, BasketQuote};
use super::wishes::Wishes;
use super::{Method, NewLine};
use crate::catalog::{self, PricedSku, Wanted};
use crate::fulfilment::views::WishView;
use crate::geo::{self, Zone};
use crate::identity::{Act, Permission};
use crate::ids::HoldId;
use crate::inventory::{self, Snapshot};
use crate::money::{Money, UnitPrice};
use crate::refusal::{Refusal, Result};
use crate::routing::{self, PlanLine, PlanOrder};
use sqlx::PgConnection;

/// Prices a basket for a channel, and plans it as an order would be that brings along what `hold` keeps. What is not sold any more is left out, and so
/// are wishes that cannot be met.
pub async fn quote_basket(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    channel: &str,
    basket: &[NewLine],
    hold: Option<HoldId>,
) -> Result<BasketQuote> {
    act.require(Permission::ReadCatalog)?;
    let terms = planning.terms.channels.get(channel).ok_or_else(|| Refusal::not_found(format_args!("channel {channel}")))?;
    let currency = terms.currency;
    let wanted: Vec<Wanted<'_>> = basket.iter().map(|line| Wanted { channel, currency, code: &line.sku, customer_group: None }).collect();
    let prices = catalog::price_skus(conn, act.now, &wanted).await?;
    let codes: Vec<String> = basket.iter().map(|line| line.sku.clone()).collect();
    let handles = catalog::products_by_codes(conn, act, &codes).await?;
    let mut lines = Vec::new();
    let mut plan_lines: Vec<PlanLine> = Vec::new();
    // For each line of the plan, which line of the basket it is of.
    let mut of_basket = Vec::new();
    for wish in basket {
        let Some(sku) = prices.sku(channel, &wish.sku, None).filter(|sku| !sku.retired) else { continue };
        let things = planning.things_of(sku);
        let is_kit = things.iter().any(|thing| thing.part.is_some());
        let wishes = Wishes::read(&planning.terms, channel, sku, is_kit, wish, false).unwrap_or_default();
        let Some(amount) = sku.unit_price.and_then(|p| wishes.amount(p, wish.quantity, currency)) else { continue };
        for thing in things {
            plan_lines.push(thing.as_line(plan_lines.len(), wish.quantity));
            of_basket.push(lines.len());
        }
        lines.push(as_line(sku, wish.quantity, amount, wishes, &handles));
    }
    let grams: i64 = plan_lines.iter().map(|l| i64::from(l.weight_grams) * i64::from(l.quantity)).sum();
    let order = PlanOrder {
        channel: channel.to_owned(),
        customer_group: None,
        method: Method::Ship,
        pickup_location: None,
        country: terms.country.clone(),
        destination: geo::locate(&terms.country, "").ok_or_else(|| Refusal::not_found(format_args!("country {}", terms.country)))?,
        value_minor: 0,
        lines: plan_lines,
        excluded: Vec::new(),
        promised: Vec::new(),
    };
    let own = holds::units_of(conn, &hold.map(|h| h.0).into_iter().collect::<Vec<_>>()).await?;
    let skus: Vec<_> = order.lines.iter().map(|l| l.sku).chain(own.iter().map(|h| h.sku)).collect();
    let mut stock = inventory::stock_now(conn, &planning.network, &skus, act.now).await?;
    holds::free(&mut stock, &own);
    let snapshot = Snapshot { at: act.now, network: &planning.network, stock: &stock };
    for waiting in routing::plan(&order, &snapshot, &planning.ruleset).0.waiting {
        let Some(at) = order.lines.iter().position(|l| l.line_no == waiting.line_no) else { continue };
        let line: &mut BasketLine = &mut lines[of_basket[at]];
        match (waiting.location.and_then(|l| planning.network.location(l)), waiting.expected_at) {
            (Some(place), Some(at)) => line.expected_on = line.expected_on.max(Some(place.day(at))),
            _ => line.short = true,
        }
    }
    let charge = |zone| planning.terms.delivery_charge(zone, currency, grams).map(|minor| Money::new(minor, currency));
    let goods: i64 = lines.iter().map(|l| l.amount.minor).sum();
    Ok(BasketQuote {
        lines,
        goods: Money::new(goods, currency),
        shipping: charge(Zone::Domestic),
        shipping_europe: charge(Zone::Europe),
        shipping_world: charge(Zone::World),
        gift_wrap: terms.gift_wrap.and_then(|p: UnitPrice| p.amount(1, currency)),
    })
}

fn as_line(sku: &PricedSku, quantity: i32, amount: Money, wishes: Wishes, handles: &[(String, String)]) -> BasketLine {
    BasketLine {
        code: sku.code.clone(),
        name: sku.name.clone(),
        handle: handles.iter().find(|(code, _)| *code == sku.code).map(|(_, handle)| handle.clone()).unwrap_or_default(),
        quantity,
        amount,
        wish: WishView { gift_wrap: wishes.gift_wrap.is_some(), personalisation: wishes.personalisation },
        expected_on: None,
        short: false,
    }
}
