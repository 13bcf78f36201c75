#[cfg(feature = "ssr")]
use crate::components::Shown;
use crate::error::ApiError;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use waybill::catalog::views::{ProductCard, ProductPage, SkuView};
use waybill::inventory::backorders::views::LaterOffer;
use waybill::money::Money;
use waybill::orders::views::BasketQuote;
#[cfg(feature = "ssr")]
use waybill::orders::{BasketRequest, Kept, NewLine};
use waybill::page::Page;
use waybill::slots::SlotView;

/// The shop's own channel.
#[cfg(feature = "ssr")]
const CHANNEL: &str = "web";
#[cfg(feature = "ssr")]
const BASKET_COOKIE: &str = "waybill_basket";
/// The id of the basket's hold.
#[cfg(feature = "ssr")]
const HOLD_COOKIE: &str = "waybill_hold";
#[cfg(feature = "ssr")]
const TYPED_COOKIE: &str = "waybill_checkout";
/// The bookings of the times that are kept for the shopper: of the order's own, and of each service in the basket.
#[cfg(feature = "ssr")]
const TIME_COOKIE: &str = "waybill_time";
/// What stands for itself in the basket's cookie: not what parts it.
#[cfg(feature = "ssr")]
const COOKIE_TEXT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_');
/// Browsers keep no cookie beyond 4 kB, its name and what it says of itself included.
#[cfg(feature = "ssr")]
const LONGEST_COOKIE: usize = 3_800;
/// Where the shopper wants things.
#[cfg(feature = "ssr")]
const PLACE_COOKIE: &str = "waybill_place";
/// Product and basket pages show the nearest so many stores.
#[cfg(feature = "ssr")]
const STORES_SHOWN: usize = 4;
/// A basket has room for so many different things.
#[cfg(feature = "ssr")]
const MOST_DIFFERENT: usize = 50;

/// The shop window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    pub categories: Vec<String>,
    pub products: Page<ProductCard>,
    /// Units of each SKU that can be sent, by code.
    pub offered: BTreeMap<String, i64>,
}

#[server]
pub async fn products(
    #[server(default)] category: String,
    #[server(default)] search: String,
    #[server(default)] after: String,
) -> Result<Window, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let some = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let (category, search, after) = (some(&category), some(&search), some(&after));
    let categories = waybill::catalog::categories(&mut conn, &act).await?;
    let products = waybill::catalog::list_products(&mut conn, &act, CHANNEL, category.as_deref(), search.as_deref(), after.as_deref()).await?;
    let codes: Vec<String> = products.rows.iter().flat_map(|card| card.skus.iter().cloned()).collect();
    let planning = services.planning.get(&mut conn, act.now).await?;
    let buyer = waybill::inventory::Buyer::in_channel(CHANNEL);
    let offered = waybill::inventory::offered_units(&mut conn, &act, &planning.network, buyer, &codes).await?;
    Ok(Window { categories, products, offered })
}

/// A product, and of the variant that is looked at what can be had, how and when, and what can be ordered before it is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductOffer {
    pub product: ProductPage,
    /// The variant that is looked at.
    pub chosen: SkuView,
    /// One of it, to where the shopper wants it.
    pub quote: BasketQuote,
    /// Units that can be sent, from all locations together.
    pub offered: i64,
    pub later: Option<LaterOffer>,
    /// What a kit is made of: how many of what.
    pub parts: Vec<(i32, String)>,
    /// What wrapping a unit as a gift costs, where that is offered.
    pub gift_wrap: Option<Money>,
}

/// One product, by its handle. `sku` is the code of the variant that is looked at; the first one where it is none of the product's.
#[server]
pub async fn product(handle: String, #[server(default)] sku: String) -> Result<ProductOffer, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let page = waybill::catalog::find_product(&mut conn, &act, CHANNEL, &handle).await?;
    let chosen = page.skus.iter().find(|s| s.code == sku).or(page.skus.first()).cloned();
    // Without a price here it is not in the shop.
    let chosen = chosen.ok_or_else(|| waybill::refusal::Refusal::not_found(format_args!("product {handle}")))?;
    let planning = services.planning.get(&mut conn, act.now).await?;
    let buyer = waybill::inventory::Buyer::in_channel(CHANNEL);
    let line = [NewLine { sku: chosen.code.clone(), quantity: 1, ..NewLine::default() }];
    let (country, postcode) = read_place();
    let request = BasketRequest { country: Some(&country), postcode: &postcode, most_stores: STORES_SHOWN, ..BasketRequest::new(CHANNEL, &line) };
    let quote = waybill::orders::quote_basket(&mut conn, &act, &planning, &request).await?;
    let parts = planning.network.kits.get(&chosen.sku_id).into_iter().flatten().map(|p| (p.quantity, p.name.clone())).collect();
    let codes = [chosen.code.clone()];
    let offered = waybill::inventory::offered_units(&mut conn, &act, &planning.network, buyer, &codes).await?.into_values().sum();
    let later = waybill::inventory::backorders::later_of_product(&mut conn, &act, &planning.network, page.product_id).await?;
    let later = later.into_iter().find(|offer| offer.sku == chosen.sku_id);
    let gift_wrap = planning.terms.gift_wrap(CHANNEL).and_then(|price| price.amount(1, chosen.price.currency));
    Ok(ProductOffer { product: page, chosen, quote, offered, later, parts, gift_wrap })
}

/// The basket, and for how many minutes it is kept for whoever looks at it; none where it is not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptBasket {
    pub quote: BasketQuote,
    pub kept_minutes: Option<i64>,
    /// The times that are kept.
    pub kept_times: Vec<KeptTime>,
}

/// A time that is kept for the shopper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptTime {
    /// The service that is done in it, by code; empty where it is the order's.
    pub sku: String,
    pub slot: SlotView,
    /// For so many minutes more.
    pub minutes: i64,
}

/// What is in the basket. `checkout` keeps it longer.
#[server]
pub async fn basket(#[server(default)] checkout: bool) -> Result<KeptBasket, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let basket = read_basket();
    let kept = match read_hold() {
        Some(hold) if checkout => match services.extend_hold(&visitor(), hold).await {
            Ok(kept) => write_hold(Some(kept)),
            // Its time was over: what is still there is kept anew.
            Err(waybill::refusal::Error::Refused(_)) => keep(&basket).await.unwrap_or_default(),
            Err(error) => return Err(error.into()),
        },
        Some(hold) => waybill::orders::kept_until(&mut *services.pool.acquire().await?, hold).await?.map(|until| Kept { hold, until }),
        None => None,
    };
    let mut conn = services.pool.acquire().await?;
    let planning = services.planning.get(&mut conn, act.now).await?;
    let (country, postcode) = read_place();
    // The checkout lets choose among all stores.
    let most_stores = if checkout { usize::MAX } else { STORES_SHOWN };
    let hold = kept.map(|k| k.hold);
    let times = read_times();
    let bookings: Vec<_> = times.iter().map(|(_, booking)| *booking).collect();
    let request = BasketRequest {
        hold,
        bookings: &bookings,
        country: Some(&country),
        postcode: &postcode,
        most_stores,
        ..BasketRequest::new(CHANNEL, &basket)
    };
    let quote = waybill::orders::quote_basket(&mut conn, &act, &planning, &request).await?;
    let minutes = |until: DateTime<Utc>| ((until - act.now).num_seconds() + 59) / 60;
    let kept_minutes = kept.map(|kept| minutes(kept.until)).filter(|n| *n > 0);
    let kept = if checkout { waybill::slots::kept_slots(&mut conn, &planning.network, &bookings, act.now).await? } else { Vec::new() };
    let kept_times = kept.into_iter().filter_map(|kept| {
        let sku = times.iter().find(|(_, booking)| *booking == kept.booking)?.0.clone();
        Some(KeptTime { sku, slot: kept.slot, minutes: minutes(kept.until) })
    });
    let kept_times = kept_times.collect();
    Ok(KeptBasket { quote, kept_minutes, kept_times })
}

/// In the shop everybody is a visitor.
#[cfg(feature = "ssr")]
fn visitor() -> waybill::identity::Act {
    waybill::identity::Act::new(waybill::identity::Actor::Visitor, crate::ctx::act().now)
}

/// Keeps what is in the basket for a while, where the shop does that. Refused where not all of it can be had.
#[cfg(feature = "ssr")]
async fn keep(basket: &[NewLine]) -> Result<Option<Kept>, ApiError> {
    use waybill::orders::{Method, NewHold};
    let services = crate::ctx::services();
    let before = read_hold();
    if basket.is_empty() {
        let_go().await?;
        return Ok(None);
    }
    let planning = services.planning.get(&mut *services.pool.acquire().await?, visitor().now).await?;
    if planning.terms.hold_seconds(CHANNEL) == 0 {
        return Ok(None);
    }
    let new = NewHold {
        channel: CHANNEL.to_owned(),
        method: Method::Ship,
        customer_group: None,
        pickup_location: None,
        country: None,
        postcode: None,
        lines: basket.iter().map(|line| (line.sku.clone(), line.quantity)).collect(),
    };
    Ok(write_hold(services.hold_basket(&visitor(), &new, before, None).await?))
}

/// A change of the basket, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BasketChange {
    pub sku: String,
    pub quantity: String,
    /// That many more, and not that many in all.
    pub add: bool,
    /// Text to be put on each unit: units with other texts are other lines.
    pub personalisation: String,
    pub gift_wrap: bool,
    /// The line that is changed is one that was wrapped before.
    pub was_wrapped: bool,
}

/// Sets how many of a SKU are in the basket, and whether they are wrapped; zero takes the line out, `add` puts that many more in.
#[server]
pub async fn change_basket(change: BasketChange) -> Result<(), ApiError> {
    let BasketChange { sku, quantity, add, personalisation, gift_wrap, was_wrapped } = change;
    let quantity = crate::error::whole_number("/quantity", &quantity)?;
    let personalisation = Some(personalisation.trim().to_owned()).filter(|text| !text.is_empty());
    let new = NewLine { sku, quantity, personalisation, gift_wrap, ..NewLine::default() };
    let mut basket = read_basket();
    let is = |line: &NewLine, wrapped| line.sku == new.sku && line.personalisation == new.personalisation && line.gift_wrap == wrapped;
    if !add {
        basket.retain(|line| !is(line, was_wrapped));
    }
    let same: i32 = basket.extract_if(.., |line| is(line, gift_wrap)).map(|line| line.quantity).sum();
    let wanted = quantity.saturating_add(same);
    // Of all that there was of the thing: whoever takes less of it is not held up.
    let before: i32 = read_basket().iter().filter(|line| line.sku == new.sku).map(|line| line.quantity).sum();
    let others: i32 = basket.iter().filter(|line| line.sku == new.sku).map(|line| line.quantity).sum();
    let in_all = others.saturating_add(wanted.max(0));
    if wanted > 0 {
        if basket.len() >= MOST_DIFFERENT {
            return Err(waybill::refusal::Refusal::field("/sku", "The basket is full: it holds 50 different things. Order these first.").into());
        }
        // Judged with what was in the basket before.
        let all = NewLine { quantity: wanted.min(9_999), ..new };
        check_wishes(&all).await?;
        basket.push(all);
        if as_cookie(&basket).len() > LONGEST_COOKIE {
            return Err(waybill::refusal::Refusal::field("/sku", "The basket is full. Order what is in it first.").into());
        }
    }
    match keep(&basket).await {
        Ok(_) => {}
        // Less of a thing can always be taken, and other things' shortages stand in the way of none.
        Err(ApiError::Refused(refusal)) if in_all <= before || !is_about(&refusal, basket.len()) => let_go().await?,
        Err(error) => return Err(error),
    }
    write_basket(&basket);
    crate::ctx::redirect("/basket");
    Ok(())
}

/// Refuses wishes that an order would be refused for.
#[cfg(feature = "ssr")]
async fn check_wishes(line: &NewLine) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let planning = services.planning.get(&mut conn, act.now).await?;
    Ok(waybill::orders::check_wishes(&mut conn, &act, &planning, CHANNEL, line).await?)
}

/// True where the last of so many lines is what is wrong.
#[cfg(feature = "ssr")]
fn is_about(refusal: &waybill::refusal::Refusal, lines: usize) -> bool {
    let last = format!("/lines/{}/", lines.saturating_sub(1));
    refusal.fields.iter().any(|problem| problem.field.starts_with(&last))
}

/// Nothing of the basket is kept any more.
#[cfg(feature = "ssr")]
async fn let_go() -> Result<(), ApiError> {
    if let Some(hold) = read_hold() {
        crate::ctx::services().release_hold(&visitor(), hold).await?;
    }
    write_hold(None);
    Ok(())
}

/// What was typed into the checkout when it was last refused.
#[server]
pub async fn typed_before() -> Result<CheckoutForm, ApiError> {
    Ok(read_typed())
}

/// Remembers where the shopper wants things, and goes back to the page that dates are to be shown on.
#[server]
pub async fn set_place(country: String, postcode: String, back: String) -> Result<(), ApiError> {
    let known = waybill::geo::place(&country, &postcode).map_err(|problem| waybill::refusal::Refusal::invalid(vec![problem]))?;
    write_place(known.code, postcode.trim());
    crate::ctx::redirect(crate::ctx::own_path(&back, "/"));
    Ok(())
}

/// Keeps a time for the shopper while they check out, in place of the one before. `sku` is the service that is done in it; empty for the order itself.
#[server]
pub async fn keep_time(#[server(default)] time: String, #[server(default)] sku: String) -> Result<(), ApiError> {
    let Shown { code, by: Some(starts_at), .. } = Shown::read(&time) else {
        return Err(waybill::refusal::Refusal::field("/slot", "Choose a time.").into());
    };
    let mut times = read_times();
    let before = times.iter().find(|(of, _)| *of == sku).map(|(_, booking)| *booking);
    let kept = crate::ctx::services().book_slot(&visitor(), &code, starts_at, before).await?;
    times.retain(|(of, _)| *of != sku);
    times.push((sku, kept.booking));
    write_times(&times);
    crate::ctx::redirect("/checkout");
    Ok(())
}

/// Keeps the times of an order that came to nothing once more, for the next try; where somebody was faster, they are to be chosen anew.
#[cfg(feature = "ssr")]
async fn keep_times_again() -> Result<(), ApiError> {
    let services = crate::ctx::services();
    let mut times = Vec::new();
    for (sku, booking) in read_times() {
        let before = waybill::slots::read_booking(&mut *services.pool.acquire().await?, &visitor(), booking).await?;
        match services.book_slot(&visitor(), &before.plan, before.starts_at, Some(booking)).await {
            Ok(kept) => times.push((sku, kept.booking)),
            Err(waybill::refusal::Error::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    write_times(&times);
    Ok(())
}

/// `booking~SKU.booking`: without a SKU it is the order's own time.
#[cfg(feature = "ssr")]
fn read_times() -> Vec<(String, waybill::ids::BookingId)> {
    let text = crate::ctx::cookie(TIME_COOKIE).unwrap_or_default();
    let one = |item: &str| {
        let (booking, sku) = item.split_once('~').unwrap_or((item, ""));
        let sku = percent_encoding::percent_decode_str(sku).decode_utf8().ok()?.into_owned();
        Some((sku, booking.parse().ok()?))
    };
    text.split('.').filter_map(one).take(MOST_DIFFERENT).collect()
}

#[cfg(feature = "ssr")]
fn write_times(times: &[(String, waybill::ids::BookingId)]) {
    let item = |(sku, booking): &(String, waybill::ids::BookingId)| {
        format!("{booking}~{}", percent_encoding::utf8_percent_encode(sku, COOKIE_TEXT)).trim_end_matches('~').to_owned()
    };
    let text = times.iter().map(item).collect::<Vec<_>>().join(".");
    crate::ctx::set_cookie(TIME_COOKIE, &text, if text.is_empty() { 0 } else { 3600 });
}

/// Country and postcode; the shop's own country where nothing is known.
#[cfg(feature = "ssr")]
fn read_place() -> (String, String) {
    let text = crate::ctx::cookie(PLACE_COOKIE).unwrap_or_default();
    let (country, postcode) = text.split_once('~').unwrap_or(("GB", ""));
    let postcode = percent_encoding::percent_decode_str(postcode).decode_utf8_lossy().into_owned();
    match waybill::geo::country_by_code(country) {
        Some(known) => (known.code.to_owned(), postcode),
        None => ("GB".to_owned(), String::new()),
    }
}

#[cfg(feature = "ssr")]
fn write_place(country: &str, postcode: &str) {
    let postcode: String = postcode.trim().chars().take(12).collect();
    let text = format!("{country}~{}", percent_encoding::utf8_percent_encode(&postcode, COOKIE_TEXT));
    crate::ctx::set_cookie(PLACE_COOKIE, &text, 90 * 24 * 3600);
}

/// The checkout's form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckoutForm {
    /// What was chosen with what was shown of it: `pickup`, or a way of delivery with its price in minor units and the moment by which it is there.
    pub method: String,
    /// A store with the moment from when on it is ready there.
    pub store: String,
    /// There are only services in it: nothing is sent or collected.
    pub only_services: bool,
    /// What the goods came to, in minor units.
    pub goods: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub street: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
    pub card: String,
    pub gift_message: String,
    /// Made with the page, so that pressing twice orders once.
    pub once: String,
}

/// Orders what is in the basket and goes to the order's tracking page.
#[server]
pub async fn place_order(form: CheckoutForm) -> Result<(), ApiError> {
    use waybill::customers::RawContact;
    use waybill::orders::{Method, NewOrder};
    let services = crate::ctx::services();
    let basket = read_basket();
    // Taken off again when the order is in.
    write_typed(&form);
    let method = if form.method == "pickup" { Method::Pickup } else { Method::Ship };
    if method == Method::Ship && waybill::geo::place(&form.country, &form.postcode).is_ok() {
        write_place(&form.country, &form.postcode);
    }
    let shown = Shown::read(if method == Method::Pickup { &form.store } else { &form.method });
    if shown.code.is_empty() && !form.only_services {
        return Err(waybill::refusal::Refusal::field("/delivery_method", "Choose how you would like to get it.").into());
    }
    let goods = form.goods.parse::<i64>().ok();
    let times = read_times();
    let time_of = |of: &str| times.iter().find(|(sku, _)| sku == of).map(|(_, booking)| booking.to_string());
    let lines = basket.into_iter().map(|line| NewLine { slot: time_of(&line.sku), ..line }).collect();
    let some = |text: String| (!text.trim().is_empty()).then_some(text);
    let order = NewOrder {
        marks: Default::default(),
        channel: CHANNEL.to_owned(),
        customer_group: None,
        external_id: None,
        contact: RawContact {
            name: form.name,
            email: some(form.email),
            phone: some(form.phone),
            street: form.street,
            city: form.city,
            postcode: form.postcode,
            country: if method == Method::Pickup && form.country.is_empty() { "GB".to_owned() } else { form.country },
        },
        method,
        pickup_location: (method == Method::Pickup).then(|| shown.code.clone()),
        delivery_method: (method == Method::Ship).then(|| shown.code.clone()),
        promised_by: shown.by,
        slot: time_of(""),
        currency: None,
        lines,
        shipping_minor: None,
        total_minor: goods.zip(shown.price_minor).map(|(goods, price)| goods + price),
        payment_token: form.card,
        hold: read_hold().map(|hold| hold.to_string()),
        gift_message: some(form.gift_message),
    };
    let fingerprint = serde_json::to_vec(&order).unwrap_or_default();
    let key = (form.once.len() >= 16).then(|| waybill::idempotency::Key::new("shop", form.once, &fingerprint));
    let placed = services.place_order(&visitor(), &order, key.as_ref()).await?;
    // A declined card leaves the basket as it is, to try another.
    if let Err(refusal) = services.check_card(placed.order_id).await {
        write_hold(None);
        keep_times_again().await?;
        return Err(refusal.into());
    }
    write_basket(&[]);
    write_hold(None);
    crate::ctx::set_cookie(TYPED_COOKIE, "", 0);
    for (_, booking) in times {
        // Where it became no order's: it was kept for another way of delivery.
        services.release_booking(&visitor(), booking).await?;
    }
    write_times(&[]);
    crate::ctx::redirect(&waybill::orders::tracking_link(&services.link_key, placed.order_id));
    Ok(())
}

/// What was typed, for the answer to a browser without scripts, whose page is a new one. Kept a quarter of an hour, out of reach of scripts.
#[cfg(feature = "ssr")]
fn write_typed(form: &CheckoutForm) {
    let kept = CheckoutForm { once: String::new(), card: String::new(), ..form.clone() };
    let as_text = |form: &CheckoutForm| crate::ui::encode(&serde_json::to_string(form).unwrap_or_default());
    // A long message is the first that there is no room for.
    let shorter = || as_text(&CheckoutForm { gift_message: String::new(), ..kept.clone() });
    let text = Some(as_text(&kept)).filter(|text| text.len() < LONGEST_COOKIE).unwrap_or_else(shorter);
    if text.len() < LONGEST_COOKIE {
        crate::ctx::set_cookie(TYPED_COOKIE, &text, 15 * 60);
    }
}

#[cfg(feature = "ssr")]
fn read_typed() -> CheckoutForm {
    let text = crate::ctx::cookie(TYPED_COOKIE).unwrap_or_default();
    serde_json::from_slice(&percent_encoding::percent_decode_str(&text).collect::<Vec<_>>()).unwrap_or_default()
}

/// `CODE~2.OTHER~1~w~text`: what, how many, whether wrapped, and the text to be put on it, percent-encoded to letters, digits and percent signs.
#[cfg(feature = "ssr")]
fn read_basket() -> Vec<NewLine> {
    let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    crate::ctx::cookie(BASKET_COOKIE)
        .unwrap_or_default()
        .split('.')
        .filter_map(|item| {
            let mut parts = item.split('~');
            let sku = plain(parts.next()?)?;
            let quantity = parts.next()?.parse().ok().filter(|n| (1..=9_999).contains(n))?;
            let gift_wrap = parts.next() == Some("w");
            let personalisation = parts.next().and_then(plain).filter(|text| !text.is_empty());
            Some(NewLine { sku, quantity, personalisation, gift_wrap, ..NewLine::default() })
        })
        .take(MOST_DIFFERENT)
        .collect()
}

#[cfg(feature = "ssr")]
fn as_cookie(basket: &[NewLine]) -> String {
    let safe = |text: &str| percent_encoding::utf8_percent_encode(text, COOKIE_TEXT).to_string();
    let item = |line: &NewLine| {
        let wrap = if line.gift_wrap { "w" } else { "" };
        let text = line.personalisation.as_deref().map(safe).unwrap_or_default();
        let all = format!("{}~{}~{wrap}~{text}", safe(&line.sku), line.quantity);
        all.trim_end_matches('~').to_owned()
    };
    basket.iter().map(item).collect::<Vec<_>>().join(".")
}

#[cfg(feature = "ssr")]
fn write_basket(basket: &[NewLine]) {
    crate::ctx::set_cookie(BASKET_COOKIE, &as_cookie(basket), 90 * 24 * 3600);
}

#[cfg(feature = "ssr")]
fn read_hold() -> Option<waybill::ids::HoldId> {
    crate::ctx::cookie(HOLD_COOKIE)?.parse().ok()
}

/// Remembers what keeps the basket, and gives that back; none forgets it.
#[cfg(feature = "ssr")]
fn write_hold(kept: Option<Kept>) -> Option<Kept> {
    match kept {
        Some(kept) => crate::ctx::set_cookie(HOLD_COOKIE, &kept.hold.to_string(), 24 * 3600),
        None => crate::ctx::set_cookie(HOLD_COOKIE, "", 0),
    }
    kept
}
