//! What a basket comes to, and when what is not there is expected, before anybody has said who they are.

use super::holds;
use super::planning::Planning;
use super::views::{BasketLine, BasketQuote};
use super::wishes::Wishes;
use super::{Method, NewLine};
use crate::catalog::{self, Wanted};
use crate::fulfilment::views::WishView;
use crate::geo::{self, Zone};
use crate::identity::{Act, Permission};
use crate::ids::HoldId;
use crate::inventory::{self, Snapshot};
use crate::money::{Money, UnitPrice};
use crate::refusal::{Refusal, Result};
use crate::routing::{self, PlanLine, PlanOrder};
use sqlx::PgConnection;

/// Prices a basket for a channel, and plans it as an order would be that brings along what `hold` keeps. What stands in an order's way is told of each
/// line: something that is not sold any more, a wish that cannot be met, too few units.
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
    let mut lines = Vec::with_capacity(basket.len());
    let mut plan_lines: Vec<PlanLine> = Vec::new();
    // For each line of the plan, which line of the basket it is of.
    let mut of_basket = Vec::new();
    for (index, line) in basket.iter().enumerate() {
        let sku = prices.sku(channel, &line.sku, None);
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
                for thing in things {
                    plan_lines.push(thing.as_line(plan_lines.len(), line.quantity));
                    of_basket.push(index);
                }
            }
        }
        lines.push(view);
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
            _ => line.problem = Some("Not all of this can be had any more. Order fewer.".to_owned()),
        }
    }
    for (at, sku) in order.lines.iter().map(|l| l.sku).enumerate() {
        let wanted: i64 = order.lines.iter().filter(|l| l.sku == sku).map(|l| i64::from(l.quantity)).sum();
        if let Some(cap) = planning.network.rules.cap(order.buyer(), sku).filter(|cap| wanted > i64::from(cap.units)) {
            lines[of_basket[at]].problem = Some(format!("At most {} of this can be ordered here. Order fewer.", cap.units));
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
