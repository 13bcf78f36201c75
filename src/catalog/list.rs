//! Reading the catalogue.

use super::images::images_of;
use super::views::{ImageView, PriceRow, ProductCard, ProductPage, ProductRecord, ProductRow, SkuRecord, SkuView};
use super::{KitPart, ProductInput, Size, SkuInput};
use crate::identity::{Act, Permission};
use crate::ids::{ImageId, LegalEntityId, ProductId, SkuId};
use crate::money::{Currency, UnitPrice};
use crate::page::{Page, containing};
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};

const PAGE: usize = 24;

/// A channel's company and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelTerms {
    pub legal_entity: LegalEntityId,
    pub country: String,
    pub currency: Currency,
    /// How many seconds a basket's units are kept; zero is not at all.
    pub hold_seconds: i32,
    /// So long an order waits after it was placed before it becomes a location's work.
    pub release_delay_minutes: i32,
    /// What wrapping a unit as a gift costs; none where it is not offered.
    pub gift_wrap: Option<UnitPrice>,
}

/// A SKU as an order line needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedSku {
    pub id: SkuId,
    pub code: String,
    pub name: String,
    pub size: Size,
    pub tax_rate_bp: i32,
    /// None where the channel has no price for it.
    pub unit_price: Option<UnitPrice>,
    /// How many characters can be put on each unit; none where it takes no text.
    pub personalisation_max: Option<i32>,
    /// It is sold no longer.
    pub retired: bool,
    /// A service, done by people with this skill.
    pub skill: Option<String>,
}

/// Products by name, with the price of a channel.
pub async fn list_products(
    conn: &mut PgConnection,
    act: &Act,
    channel: &str,
    category: Option<&str>,
    search: Option<&str>,
    after: Option<&str>,
) -> Result<Page<ProductCard>> {
    act.require(Permission::ReadCatalog)?;
    let (after_name, after_handle) = after.and_then(|key| key.split_once('\u{1f}')).unzip();
    let words: Vec<String> = search.unwrap_or_default().split_whitespace().map(containing).collect();
    let rows = sqlx::query_file!(
        "src/catalog/sql/list_products.sql",
        channel,
        category,
        &words,
        after_name,
        after_handle,
        PAGE as i64 + 1,
        act.now,
        search.unwrap_or_default()
    )
    .fetch_all(conn)
    .await?;
    let cards = rows
        .into_iter()
        .filter_map(|r| {
            let currency = Currency::from_code(&r.currency)?;
            let price = UnitPrice::from_micros(r.unit_price_micros).ok()?.amount(1, currency)?;
            let image = match (r.image_id, r.image_description, r.image_width, r.image_height) {
                (Some(id), Some(description), Some(width), Some(height)) => Some(ImageView { id, description, width, height }),
                _ => None,
            };
            Some(ProductCard { handle: r.handle, skus: r.skus, name: r.name, category: r.category, price, image, is_service: r.is_service })
        })
        .collect();
    Ok(Page::cut(cards, PAGE, |card| format!("{}\u{1f}{}", card.name, card.handle)))
}

/// Categories that have products, by name.
pub async fn categories(conn: &mut PgConnection, act: &Act) -> Result<Vec<String>> {
    act.require(Permission::ReadCatalog)?;
    // A loose index scan: one step per category, however many products there are.
    let rows = sqlx::query_scalar!(
        r#"with recursive c as (
            (select category from products order by category limit 1)
            union all
            select (select p.category from products p where p.category > c.category order by p.category limit 1) from c where c.category is not null
        )
        select category as "category!" from c where category is not null"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// One product by its handle.
pub async fn find_product(conn: &mut PgConnection, act: &Act, channel: &str, handle: &str) -> Result<ProductPage> {
    act.require(Permission::ReadCatalog)?;
    let product =
        sqlx::query!(r#"select product_id as "id: ProductId", handle, name, description, category, options from products where handle = $1"#, handle)
            .fetch_optional(&mut *conn)
            .await?
            .ok_or_else(|| Refusal::not_found(format_args!("product {handle}")))?;
    let rows = sqlx::query!(
        r#"select s.sku_id as "sku_id: SkuId", s.code, s.name, s.option_values, s.weight_grams, s.personalisation_max, s.skill, p.currency, p.unit_price_micros
        from skus s
        join prices p on p.sku_id = s.sku_id and p.channel = $2 and p.customer_group is null and p.valid @> $3::timestamptz
        where s.product_id = $1 and s.retired_at is null
        order by s.position, s.code"#,
        product.id.0,
        channel,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    let skus = rows
        .into_iter()
        .filter_map(|r| {
            let price = UnitPrice::from_micros(r.unit_price_micros).ok()?.amount(1, Currency::from_code(&r.currency)?)?;
            Some(SkuView {
                sku_id: r.sku_id,
                code: r.code,
                name: r.name,
                option_values: r.option_values,
                price,
                weight_grams: r.weight_grams,
                personalisation_max: r.personalisation_max,
                is_service: r.skill.is_some(),
            })
        })
        .collect();
    let images = images_of(conn, product.id).await?;
    Ok(ProductPage {
        product_id: product.id,
        handle: product.handle,
        name: product.name,
        description: product.description,
        category: product.category,
        options: product.options,
        images,
        skus,
    })
}

const ROWS: usize = 50;

/// Products by name, on sale or not. `search` is a part of the name or of a SKU's code.
pub async fn list_catalog(conn: &mut PgConnection, act: &Act, search: Option<&str>, after: Option<&str>) -> Result<Page<ProductRow>> {
    act.require(Permission::ManageCatalog)?;
    let (after_name, after_handle) = after.and_then(|key| key.split_once('\u{1f}')).unzip();
    let rows = sqlx::query_file_as!(
        ProductRow,
        "src/catalog/sql/list_catalog.sql",
        search.map(containing),
        after_name,
        after_handle,
        ROWS as i64 + 1,
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(Page::cut(rows, ROWS, |row| format!("{}\u{1f}{}", row.name, row.handle)))
}

/// A product with all that is set of it, by its handle.
pub async fn product_record(conn: &mut PgConnection, act: &Act, handle: &str) -> Result<ProductRecord> {
    act.require(Permission::ManageCatalog)?;
    let product = sqlx::query!(
        r#"select product_id as "id: ProductId", name, description, category, brand, tags, options from products where handle = $1"#,
        handle
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("product {handle}")))?;
    let skus = sqlx::query!(
        r#"select sku_id as "id: SkuId", code, name, option_values, gtin, weight_grams, tax_rate_bp, unit, length_mm, width_mm, height_mm,
            personalisation_max, retired_at is not null as "retired!", skill, handling, substitutes
        from skus
        where product_id = $1
        order by position, code"#,
        product.id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<_> = skus.iter().map(|s| s.id.0).collect();
    let prices = sqlx::query!(
        r#"select sku_id as "sku: SkuId", channel, customer_group, currency, unit_price_micros
        from prices
        where sku_id = any ($1) and valid @> $2::timestamptz
        order by channel, customer_group nulls first"#,
        &ids,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    let parts = sqlx::query!(
        r#"select k.kit_sku_id as "kit: SkuId", s.code, s.name, k.quantity
        from kit_components k
        join skus s on s.sku_id = k.component_sku_id
        where k.kit_sku_id = any ($1) and k.valid @> $2::timestamptz
        order by s.code"#,
        &ids,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    let images = images_of(conn, product.id).await?;
    let skus = skus.into_iter().map(|s| SkuRecord {
        prices: prices
            .iter()
            .filter(|p| p.sku == s.id)
            .map(|p| PriceRow {
                channel: p.channel.clone(),
                customer_group: p.customer_group.clone(),
                currency: p.currency.clone(),
                price: UnitPrice::from_micros(p.unit_price_micros).map(|price| price.to_string()).unwrap_or_default(),
            })
            .collect(),
        parts: parts.iter().filter(|k| k.kit == s.id).map(|k| (k.code.clone(), k.name.clone(), k.quantity)).collect(),
        sku: SkuInput {
            code: s.code,
            name: s.name,
            option_values: s.option_values,
            gtin: s.gtin.as_deref().map(shortest_gtin).unwrap_or_default(),
            weight_grams: s.weight_grams,
            tax_rate_bp: s.tax_rate_bp,
            unit: s.unit,
            length_mm: s.length_mm,
            width_mm: s.width_mm,
            height_mm: s.height_mm,
            personalisation_max: s.personalisation_max,
            retired: s.retired,
            skill: s.skill.unwrap_or_default(),
            handling: s.handling,
            substitutes: s.substitutes,
        },
    });
    let input = ProductInput {
        name: product.name,
        description: product.description,
        category: product.category,
        brand: product.brand,
        tags: product.tags,
        options: product.options,
        skus: Vec::new(),
    };
    Ok(ProductRecord { handle: handle.to_owned(), product: input, images, skus: skus.collect() })
}

/// How large and how heavy each SKU is.
pub async fn all_sizes(conn: &mut PgConnection) -> Result<HashMap<SkuId, Size>> {
    let rows = sqlx::query!(r#"select sku_id as "sku: SkuId", weight_grams, length_mm, width_mm, height_mm from skus"#).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|r| (r.sku, Size::of(r.weight_grams, r.length_mm, r.width_mm, r.height_mm))).collect())
}

/// A GTIN as it is printed: without the zeros that make it 14 digits.
fn shortest_gtin(gtin: &str) -> String {
    let digits = gtin.trim_start_matches('0');
    let width = [8, 12, 13, 14].into_iter().find(|n| digits.len() <= *n).unwrap_or(14);
    format!("{digits:0>width$}")
}

/// The kits that are sold at a moment, and what each is made of.
pub async fn kits_at(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<BTreeMap<SkuId, Vec<KitPart>>> {
    let rows = sqlx::query!(
        r#"select k.kit_sku_id as "kit: SkuId", s.sku_id as "sku: SkuId", s.code, s.name, k.quantity, s.weight_grams, s.length_mm, s.width_mm,
            s.height_mm, s.tax_rate_bp, k.share
        from kit_components k
        join skus s on s.sku_id = k.component_sku_id
        where k.valid @> $1::timestamptz
        order by k.kit_sku_id, s.code"#,
        at
    )
    .fetch_all(conn)
    .await?;
    let mut kits: BTreeMap<SkuId, Vec<KitPart>> = BTreeMap::new();
    for r in rows {
        let part = KitPart {
            sku: r.sku,
            code: r.code,
            name: r.name,
            quantity: r.quantity,
            size: Size::of(r.weight_grams, r.length_mm, r.width_mm, r.height_mm),
            tax_rate_bp: r.tax_rate_bp,
            share: r.share,
        };
        kits.entry(r.kit).or_default().push(part);
    }
    Ok(kits)
}

/// A SKU's code in a channel that sells in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    pub channel: &'a str,
    pub currency: Currency,
    pub code: &'a str,
    /// Whose own price comes first.
    pub customer_group: Option<&'a str>,
}

/// SKUs with their price in a channel, for everybody or for a group of customers.
#[derive(Clone, Debug, Default)]
pub struct PriceList(HashMap<String, HashMap<(String, Option<String>), PricedSku>>);

impl PriceList {
    /// None where there is no such SKU.
    pub fn sku(&self, channel: &str, code: &str, customer_group: Option<&str>) -> Option<&PricedSku> {
        self.0.get(channel)?.get(&(code.to_owned(), customer_group.map(str::to_owned)))
    }
}

/// Looks up SKUs by code, each with its channel's price at `at`. Codes that are not known are missing from the answer.
pub async fn price_skus(conn: &mut PgConnection, at: DateTime<Utc>, wanted: &[Wanted<'_>]) -> Result<PriceList> {
    let rows = sqlx::query!(
        r#"select w.channel as "channel!", w.customer_group as "customer_group?", s.sku_id as "id: SkuId", s.code, s.name, s.weight_grams, s.length_mm, s.width_mm, s.height_mm, s.tax_rate_bp,
            s.personalisation_max, s.retired_at is not null as "retired!", s.skill, coalesce(own.unit_price_micros, p.unit_price_micros) as micros
        from (
            select distinct * from unnest($1::text[], $2::text[], $3::text[], $5::text[]) as w (channel, currency, code, customer_group)
        ) w
        join skus s on s.code = w.code
        left join prices p on p.sku_id = s.sku_id and p.channel = w.channel and p.currency = w.currency and p.customer_group is null
            and p.valid @> $4::timestamptz
        left join prices own on own.sku_id = s.sku_id and own.channel = w.channel and own.currency = w.currency
            and own.customer_group = w.customer_group and own.valid @> $4::timestamptz"#,
        &wanted.iter().map(|w| w.channel.to_owned()).collect::<Vec<_>>(),
        &wanted.iter().map(|w| w.currency.code().to_owned()).collect::<Vec<_>>(),
        &wanted.iter().map(|w| w.code.to_owned()).collect::<Vec<_>>(),
        at,
        &wanted.iter().map(|w| w.customer_group.map(str::to_owned)).collect::<Vec<_>>() as _
    )
    .fetch_all(conn)
    .await?;
    let mut list = PriceList::default();
    for r in rows {
        let sku = PricedSku {
            id: r.id,
            code: r.code.clone(),
            name: r.name,
            size: Size::of(r.weight_grams, r.length_mm, r.width_mm, r.height_mm),
            tax_rate_bp: r.tax_rate_bp,
            unit_price: r.micros.and_then(|m| UnitPrice::from_micros(m).ok()),
            personalisation_max: r.personalisation_max,
            retired: r.retired,
            skill: r.skill,
        };
        list.0.entry(r.channel).or_default().insert((r.code, r.customer_group), sku);
    }
    Ok(list)
}

/// SKUs by what is on a label: their own code, or a GTIN of 8, 12, 13 or 14 digits. Those that are not known are missing from the answer.
pub async fn skus_by_codes(conn: &mut PgConnection, codes: &[String]) -> Result<HashMap<String, SkuId>> {
    let rows = sqlx::query!(
        r#"select w.code as "code!", s.sku_id as "sku: SkuId"
        from unnest($1::text[]) as w (code)
        join skus s on s.code in (w.code, upper(w.code)) or (w.code ~ '^[0-9]{8,14}$' and s.gtin = lpad(w.code, 14, '0'))"#,
        codes
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.code, r.sku)).collect())
}

/// Refuses a kit or a service where only what stands on shelves makes sense.
pub async fn require_shelved(conn: &mut PgConnection, sku: SkuId, at: DateTime<Utc>) -> Result<(), crate::refusal::Error> {
    let found = sqlx::query!(
        r#"select s.code, s.skill is not null as "is_service!",
            exists (select from kit_components k where k.kit_sku_id = s.sku_id and k.valid @> $2::timestamptz) as "is_kit!"
        from skus s
        where s.sku_id = $1"#,
        sku.0,
        at
    )
    .fetch_optional(conn)
    .await?;
    match found {
        Some(sku) if sku.is_kit => Err(Refusal::field("/sku", format!("{} is a kit: set this for its parts.", sku.code)).into()),
        Some(sku) if sku.is_service => Err(Refusal::field("/sku", format!("{} is a service: it stands on no shelf.", sku.code)).into()),
        _ => Ok(()),
    }
}

/// The codes of SKUs, in the order of the codes.
pub async fn codes_of(conn: &mut PgConnection, skus: &[SkuId]) -> Result<Vec<String>> {
    let ids: Vec<_> = skus.iter().map(|s| s.0).collect();
    Ok(sqlx::query_scalar!("select code from skus where sku_id = any ($1) order by code", &ids).fetch_all(conn).await?)
}

/// Products that have these SKU codes: handle and name by code, for a basket.
pub async fn products_by_codes(conn: &mut PgConnection, act: &Act, codes: &[String]) -> Result<Vec<(String, String)>> {
    act.require(Permission::ReadCatalog)?;
    let rows =
        sqlx::query!("select s.code, p.handle from skus s join products p using (product_id) where s.code = any ($1)", codes).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|r| (r.code, r.handle)).collect())
}

/// Who sells through each channel, and in what currency.
pub async fn channel_terms(conn: &mut PgConnection) -> Result<HashMap<String, ChannelTerms>> {
    let rows = sqlx::query!(
        r#"select c.channel, e.legal_entity_id as "legal_entity: LegalEntityId", e.country, c.currency, c.hold_seconds, c.gift_wrap_micros,
            c.release_delay_minutes
        from channels c
        join legal_entities e using (legal_entity_id)"#
    )
    .fetch_all(conn)
    .await?;
    let terms = rows.into_iter().filter_map(|r| {
        let currency = Currency::from_code(&r.currency)?;
        let gift_wrap = r.gift_wrap_micros.and_then(|micros| UnitPrice::from_micros(micros).ok());
        let terms = ChannelTerms {
            legal_entity: r.legal_entity,
            country: r.country,
            currency,
            hold_seconds: r.hold_seconds,
            release_delay_minutes: r.release_delay_minutes,
            gift_wrap,
        };
        Some((r.channel, terms))
    });
    Ok(terms.collect())
}
