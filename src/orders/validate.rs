//! Everything that is wrong with an order, at once, each problem with its field.

use super::marks::{Marks, origin_of};
use super::planning::Planning;
use super::terms::{Terms, named_group};
use super::wishes::Wishes;
use super::{LONGEST_MESSAGE, MOST_LINES, MOST_UNITS, Method, NewOrder};
use crate::carriers::{DeliveryMethod, Destination, NoRate, Parcel};
use crate::catalog::{self, ChannelTerms, KitPart, PriceList, PricedSku, Wanted};
use crate::customers::Contact;
use crate::identity::{Act, Actor};
use crate::ids::{BookingId, HoldId, LegalEntityId, LocationId};
use crate::money::{Currency, Money, UnitPrice, included_tax, split};
use crate::refusal::{FieldProblem, Refusal, Result};
use crate::slots;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;

/// An order with nothing wrong: priced, placed on the map, ready to be planned.
#[derive(Clone, Debug)]
pub(super) struct ValidOrder {
    pub channel: String,
    pub customer_group: Option<String>,
    pub external_id: Option<String>,
    pub legal_entity: LegalEntityId,
    pub contact: Contact,
    pub method: Method,
    pub pickup_location: Option<LocationId>,
    /// Code of the way of delivery, and of the carrier services that it may go by; none where none is set up.
    pub delivery: Option<(String, Vec<String>)>,
    /// When it is there at the latest, as the customer was told.
    pub promised_by: Option<DateTime<Utc>>,
    /// Code of the plan that it needs a slot of, and the booking of it.
    pub slot: Option<(String, BookingId)>,
    pub currency: Currency,
    pub lines: Vec<ValidLine>,
    pub shipping_minor: i64,
    pub payment_token: String,
    /// The basket that it was, whose units are kept for it.
    pub hold: Option<HoldId>,
    pub gift_message: Option<String>,
    /// See [`super::marks::origin_of`].
    pub origin: &'static str,
    pub marks: Marks,
}

#[derive(Clone, Debug)]
pub(super) struct ValidLine {
    pub sku: PricedSku,
    pub quantity: i32,
    pub unit_price: UnitPrice,
    pub amount_minor: i64,
    pub tax_minor: i64,
    /// Where it was asked for in what was sent in.
    pub asked: usize,
    pub wishes: Wishes,
    /// The kit that it is a part of.
    pub kit: Option<KitOf>,
    /// The booking of a service's appointment.
    pub appointment: Option<BookingId>,
}

/// A kit that was ordered.
#[derive(Clone, Debug)]
pub(super) struct KitOf {
    /// From 1, within the order.
    pub no: i32,
    pub code: String,
    pub name: String,
    pub quantity: i32,
}

impl ValidOrder {
    pub fn goods_minor(&self) -> i64 {
        self.lines.iter().map(|l| l.amount_minor).sum()
    }

    pub fn total_minor(&self) -> i64 {
        self.goods_minor() + self.shipping_minor
    }
}

/// A total beyond this is a mistake, in any currency.
const MOST_MINOR: i64 = 100_000_000_000;

/// What the database knows that some new orders are judged by.
#[derive(Debug, Default)]
pub(super) struct Known {
    prices: PriceList,
    /// Channels' own numbers that are taken, and by which order, where that has a number already.
    taken: HashMap<(String, String), Option<String>>,
}

impl Known {
    pub async fn about(conn: &mut PgConnection, at: DateTime<Utc>, terms: &Terms, orders: &[&NewOrder]) -> Result<Self> {
        let wanted: Vec<Wanted<'_>> = orders
            .iter()
            .filter_map(|o| Some((o, terms.channels.get(&o.channel)?.currency)))
            .flat_map(|(o, currency)| {
                let customer_group = named_group(o.customer_group.as_deref());
                o.lines.iter().map(move |l| Wanted { channel: &o.channel, currency, code: &l.sku, customer_group })
            })
            .collect();
        let prices = catalog::price_skus(conn, at, &wanted).await?;
        let external: (Vec<String>, Vec<String>) = orders.iter().filter_map(|o| Some((o.channel.clone(), external_id(o)?.to_owned()))).unzip();
        let mut taken = HashMap::new();
        if !external.0.is_empty() {
            let rows = sqlx::query!(
                "select x.channel, x.external_id, o.number
                from unnest($1::text[], $2::text[]) as w (channel, external_id)
                join order_external_ids x using (channel, external_id)
                join orders o using (order_id)",
                &external.0,
                &external.1
            )
            .fetch_all(conn)
            .await?;
            taken.extend(rows.into_iter().map(|r| ((r.channel, r.external_id), Some(r.number))));
        }
        Ok(Self { prices, taken })
    }

    /// An order is judged sound: whoever comes after it with the same number of the channel comes too late.
    pub fn take(&mut self, order: &ValidOrder) {
        if let Some(external_id) = &order.external_id {
            self.taken.insert((order.channel.clone(), external_id.clone()), None);
        }
    }
}

fn external_id(order: &NewOrder) -> Option<&str> {
    order.external_id.as_deref().map(str::trim).filter(|id| !id.is_empty())
}

/// The lines that a kit becomes: its price is spread over its parts so that no cent is lost.
fn parts_of(kit: &KitOf, parts: &[KitPart], asked: usize, wishes: &Wishes, amount_minor: i64, currency: Currency) -> Vec<ValidLine> {
    let shares = split(amount_minor, &parts.iter().map(|p| p.share).collect::<Vec<_>>());
    let line = |(part, amount_minor): (&KitPart, i64)| {
        let quantity = part.quantity.saturating_mul(kit.quantity);
        // What wrapping the kit costs is in the amount that is spread.
        let wishes = Wishes { gift_wrap: wishes.gift_wrap.map(|_| UnitPrice::FREE), ..wishes.clone() };
        // What one of it comes to, for the eye: the amount is what counts.
        let unit_price = UnitPrice::of_amount(Money::new(amount_minor, currency), quantity).unwrap_or(UnitPrice::FREE);
        let sku = PricedSku {
            id: part.sku,
            code: part.code.clone(),
            name: part.name.clone(),
            size: part.size,
            tax_rate_bp: part.tax_rate_bp,
            unit_price: Some(unit_price),
            personalisation_max: None,
            retired: false,
            skill: None,
        };
        let tax_minor = included_tax(amount_minor, part.tax_rate_bp);
        ValidLine { sku, quantity, unit_price, amount_minor, tax_minor, asked, wishes, kit: Some(kit.clone()), appointment: None }
    };
    parts.iter().zip(shares).map(line).collect()
}

/// The way of delivery that an order names, or its channel's first; none where it is collected, or where none is set up.
fn delivery_method<'a>(planning: &'a Planning, new: &'a NewOrder) -> Result<Option<(&'a str, &'a DeliveryMethod)>, String> {
    if new.method == Method::Pickup {
        return Ok(None);
    }
    let mut offered = planning.network.delivery.methods_of(&new.channel);
    let Some(named) = new.delivery_method.as_deref().map(str::trim).filter(|code| !code.is_empty()) else { return Ok(offered.next()) };
    let codes: Vec<&str> = planning.network.delivery.methods_of(&new.channel).map(|(code, _)| code).collect();
    let found = offered.find(|(code, _)| *code == named);
    found.map(Some).ok_or_else(|| match codes.as_slice() {
        [] => "No way of delivery is set up for this channel. Leave it out.".to_owned(),
        codes => format!("This channel has no way of delivery “{named}”. Use {}.", codes.join(", ")),
    })
}

/// The slot that an order needs, with its booking; or what to do.
fn slot_of(
    planning: &Planning,
    new: &NewOrder,
    store: Option<LocationId>,
    contact: Option<&Contact>,
    method: Option<&DeliveryMethod>,
) -> Result<Option<(String, BookingId)>, String> {
    let network = &planning.network;
    let plan = match (method, store.and_then(|id| network.location(id)), contact) {
        (Some(method), _, Some(contact)) => {
            let to = Destination { country: &contact.country, postcode: &contact.postcode, point: contact.point };
            match slots::slots_of_method(network, method, &to) {
                Some(None) => return Err(format!("{} does not come to this address. Choose another way of delivery.", method.name)),
                Some(plan) => plan,
                None => None,
            }
        }
        (_, Some(store), _) => slots::slots_of_store(network, store),
        _ => None,
    };
    let Some(plan) = plan else { return Ok(None) };
    let booking = new.slot.as_deref().and_then(|text| text.parse().ok());
    booking.map(|booking| Some((plan.to_owned(), booking))).ok_or_else(|| "Choose a time first.".to_owned())
}

/// All of an order as the price list for delivery sees it.
fn parcel(lines: &[ValidLine]) -> Parcel {
    Parcel::of(lines.iter().filter(|line| line.sku.skill.is_none()).map(|line| (line.sku.size, line.quantity)))
}

/// What the customer pays for delivery; or what is wrong, with its field.
pub(super) fn delivery_charge(
    planning: &Planning,
    terms: &ChannelTerms,
    method: &DeliveryMethod,
    to: &Destination<'_>,
    parcel: &Parcel,
    goods_minor: i64,
) -> Result<i64, (&'static str, String)> {
    let delivery = &planning.network.delivery;
    let is_priced = delivery.rate_cards.get(&method.rate_card).is_some_and(|card| card.currency == terms.currency.code());
    if !is_priced {
        let message = format!("{} has no prices in {}. Choose another way of delivery.", method.name, terms.currency.code());
        return Err(("/delivery_method", message));
    }
    delivery.price(method, &terms.country, to, parcel, goods_minor).map(|charge| charge.total_minor).map_err(|why| match why {
        NoRate::NoCard | NoRate::NoZone => {
            let place = format!("{} {}", to.country, to.postcode);
            ("/delivery_method", format!("{} does not go to {}. Choose another way of delivery.", method.name, place.trim()))
        }
        NoRate::NoRow => {
            ("/lines", format!("We cannot deliver {:.1} kg to {}. Order less, or collect it in a store.", parcel.grams as f64 / 1000.0, to.country))
        }
    })
}

/// Judges an order by what is known: everything wrong with it, or the order with nothing wrong.
pub(super) fn validate(act: &Act, planning: &Planning, known: &Known, new: &NewOrder) -> Result<ValidOrder, Refusal> {
    let mut problems: Vec<FieldProblem> = Vec::new();
    let mut wrong = |field: String, message: String| problems.push(FieldProblem { field, message });

    let Some(terms) = planning.terms.channels.get(&new.channel) else {
        // Prices, currency and company hang on the channel: nothing else can be judged without it.
        return Err(Refusal::field(
            "/channel",
            format!("There is no channel “{}”. Use web, store, phone or marketplace, or one of your own.", new.channel),
        ));
    };
    let currency = match new.currency.as_deref() {
        None => Some(terms.currency),
        Some(code) => Currency::from_code(code).filter(|c| *c == terms.currency),
    };
    if currency.is_none() {
        wrong("/currency".to_owned(), format!("This channel sells in {}. Leave the currency out or send that.", terms.currency.code()));
    }
    let customer_group = named_group(new.customer_group.as_deref());
    if let Some(message) = planning.terms.wrong_group(customer_group) {
        wrong("/customer_group".to_owned(), message);
    }
    let external_id = external_id(new);
    if let Some(id) = external_id
        && let Some(number) = known.taken.get(&(new.channel.clone(), id.to_owned()))
    {
        let message = match number {
            Some(number) => format!("Order {id} of this channel was taken already, as {number}."),
            None => format!("Order {id} of this channel was sent twice at the same moment. If the other one is refused, send it again."),
        };
        wrong("/external_id".to_owned(), message);
    }
    let contact = match new.contact.parse("/contact", new.method == Method::Ship) {
        Ok(contact) => Some(contact),
        Err(found) => {
            for problem in found {
                wrong(problem.field, problem.message);
            }
            None
        }
    };
    let pickup_location = match (new.method, new.pickup_location.as_deref()) {
        (Method::Ship, _) => None,
        (Method::Pickup, None) => {
            wrong("/pickup_location".to_owned(), "Choose the store to collect from.".to_owned());
            None
        }
        (Method::Pickup, Some(code)) => {
            let found = planning.network.locations.iter().find(|l| l.code == code && l.offers_pickup);
            match found.map(|l| (&l.name, &l.closed)) {
                None => wrong("/pickup_location".to_owned(), format!("Orders cannot be collected at “{code}”. Choose a store that offers it.")),
                Some((name, Some(reason))) => wrong("/pickup_location".to_owned(), format!("{name} is closed ({reason}). Choose another store.")),
                Some((_, None)) => {}
            }
            found.map(|l| l.id)
        }
    };
    let hold = new.hold.as_deref().and_then(|text| {
        let id = text.parse().ok();
        if id.is_none() {
            wrong("/hold".to_owned(), "Send the id that the hold was answered with, or leave it out.".to_owned());
        }
        id
    });
    let gift_message = new.gift_message.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if gift_message.is_some_and(|text| text.chars().count() > LONGEST_MESSAGE) {
        wrong("/gift_message".to_owned(), format!("The card has room for {LONGEST_MESSAGE} characters. Shorten the message."));
    }
    let marks = new.marks.check(&act.actor).unwrap_or_else(|found| {
        found.into_iter().for_each(|(field, message)| wrong(field.to_owned(), message));
        Marks::default()
    });
    if new.payment_token.trim().is_empty() {
        wrong("/payment_token".to_owned(), "Choose how to pay.".to_owned());
    }
    if new.lines.is_empty() {
        wrong("/lines".to_owned(), "Put at least one thing in the order.".to_owned());
    }
    if new.lines.len() > MOST_LINES {
        wrong("/lines".to_owned(), format!("An order has at most {MOST_LINES} lines. Send it in parts."));
    }

    let mut lines = Vec::with_capacity(new.lines.len());
    let mut kits = 0;
    for (index, line) in new.lines.iter().enumerate() {
        let Some(sku) = known.prices.sku(&new.channel, &line.sku, customer_group) else {
            wrong(format!("/lines/{index}/sku"), format!("There is no SKU “{}”. Check the code.", line.sku));
            continue;
        };
        if !(1..=MOST_UNITS).contains(&line.quantity) {
            wrong(format!("/lines/{index}/quantity"), "Order at least 1 and at most 1,000,000 units.".to_owned());
            continue;
        }
        if sku.retired {
            wrong(format!("/lines/{index}/sku"), format!("{} ({}) is not sold any more. Take it out.", sku.name, sku.code));
            continue;
        }
        let unit_price = match line.unit_price.as_deref() {
            // In the shop the price list decides, whatever the browser says.
            Some(text) if act.actor != Actor::Visitor => match text.parse::<UnitPrice>() {
                Ok(price) => Some(price),
                Err(error) => {
                    wrong(format!("/lines/{index}/unit_price"), format!("“{text}” is not a price: {error}."));
                    continue;
                }
            },
            _ => sku.unit_price,
        };
        let Some(unit_price) = unit_price else {
            wrong(format!("/lines/{index}/sku"), format!("{} has no price in this channel. Send its unit_price, or take it out.", sku.code));
            continue;
        };
        let kit = planning.network.kits.get(&sku.id);
        let wishes = match Wishes::read(&planning.terms, &new.channel, sku, kit.is_some(), line, act.actor != Actor::Visitor) {
            Ok(wishes) => wishes,
            Err((field, message)) => {
                wrong(format!("/lines/{index}/{field}"), message);
                continue;
            }
        };
        let Some(amount) = wishes.amount(unit_price, line.quantity, terms.currency).filter(|a| a.minor <= MOST_MINOR) else {
            wrong(format!("/lines/{index}/quantity"), "This line comes to more than can be charged.".to_owned());
            continue;
        };
        match kit {
            None => lines.push(ValidLine {
                sku: sku.clone(),
                quantity: line.quantity,
                unit_price,
                amount_minor: amount.minor,
                tax_minor: included_tax(amount.minor, sku.tax_rate_bp),
                asked: index,
                wishes,
                kit: None,
                appointment: sku.skill.as_ref().and(line.slot.as_deref()).and_then(|text| text.parse().ok()),
            }),
            Some(parts) => {
                kits += 1;
                if lines.len() > MOST_LINES {
                    wrong("/lines".to_owned(), format!("An order has at most {MOST_LINES} lines, the parts of kits among them. Send it in parts."));
                    break;
                }
                if parts.iter().any(|p| i64::from(p.quantity) * i64::from(line.quantity) > i64::from(MOST_UNITS)) {
                    wrong(format!("/lines/{index}/quantity"), "Its parts come to more than 1,000,000 units. Order fewer.".to_owned());
                    continue;
                }
                let kit = KitOf { no: kits, code: sku.code.clone(), name: sku.name.clone(), quantity: line.quantity };
                lines.extend(parts_of(&kit, parts, index, &wishes, amount.minor, terms.currency));
            }
        }
    }

    for line in lines.iter().filter(|l| l.sku.skill.is_some()) {
        if new.method == Method::Pickup {
            let message = format!("{} is done at the customer's address. Have the order sent.", line.sku.name);
            wrong("/method".to_owned(), message);
        } else if line.appointment.is_none() {
            wrong(format!("/lines/{}/slot", line.asked), format!("Choose a time for {} first.", line.sku.name));
        }
    }
    // Where there are only services, nothing is sent.
    let is_sent = lines.is_empty() || lines.iter().any(|l| l.sku.skill.is_none());
    let chosen = match delivery_method(planning, new).map(|chosen| chosen.filter(|_| is_sent)) {
        Ok(chosen) => chosen,
        Err(message) => {
            wrong("/delivery_method".to_owned(), message);
            None
        }
    };
    let shipping_minor = match (new.method, new.shipping_minor) {
        (_, Some(minor)) if act.actor != Actor::Visitor => {
            if !(0..=MOST_MINOR).contains(&minor) {
                wrong("/shipping_minor".to_owned(), "The delivery charge is zero or more, in the currency's minor unit.".to_owned());
            }
            if minor > 0 && !is_sent {
                wrong("/shipping_minor".to_owned(), "There are only services in it: nothing is sent. Leave the delivery charge out.".to_owned());
            }
            minor
        }
        (Method::Pickup, _) => 0,
        (Method::Ship, _) if !is_sent => 0,
        (Method::Ship, _) => match (&contact, chosen) {
            (None, _) => 0,
            (Some(_), None) => {
                if act.actor == Actor::Visitor && planning.network.delivery.methods_of(&new.channel).next().is_none() {
                    wrong("/delivery_method".to_owned(), "No way of delivery is set up here. Collect it in a store.".to_owned());
                }
                0
            }
            (Some(contact), Some((_, method))) => {
                let to = Destination { country: &contact.country, postcode: &contact.postcode, point: contact.point };
                let goods = lines.iter().map(|l| l.amount_minor).sum();
                delivery_charge(planning, terms, method, &to, &parcel(&lines), goods).unwrap_or_else(|(field, message)| {
                    wrong(field.to_owned(), message);
                    0
                })
            }
        },
    };
    let slot = match slot_of(planning, new, pickup_location, contact.as_ref(), chosen.map(|c| c.1)) {
        Ok(slot) => slot,
        Err(message) => {
            wrong("/slot".to_owned(), message);
            None
        }
    };
    let total: i64 = lines.iter().map(|l| l.amount_minor).sum::<i64>() + shipping_minor;
    if let Some(expected) = new.total_minor
        && problems.is_empty()
        && expected != total
    {
        problems.push(FieldProblem {
            field: "/total_minor".to_owned(),
            message: format!(
                "The order comes to {}, not {}: {} for goods and {} for delivery. Check the prices and send it again.",
                Money::new(total, terms.currency),
                Money::new(expected, terms.currency),
                Money::new(total - shipping_minor, terms.currency),
                Money::new(shipping_minor, terms.currency)
            ),
        });
    }
    match (contact, currency) {
        (Some(contact), Some(currency)) if problems.is_empty() => Ok(ValidOrder {
            channel: new.channel.clone(),
            origin: origin_of(&act.actor),
            marks,
            customer_group: customer_group.map(str::to_owned),
            external_id: external_id.map(str::to_owned),
            legal_entity: terms.legal_entity,
            contact,
            method: new.method,
            pickup_location,
            delivery: chosen.map(|(code, method)| (code.to_owned(), method.services.clone())),
            promised_by: new.promised_by,
            slot,
            currency,
            lines,
            shipping_minor,
            payment_token: new.payment_token.trim().to_owned(),
            hold,
            gift_message: gift_message.map(str::to_owned),
        }),
        _ => Err(Refusal::invalid(problems)),
    }
}
