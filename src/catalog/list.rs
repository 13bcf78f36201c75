//! Reading the catalogue.

use super::views::{ProductCard, ProductPage, SkuView};
use crate::identity::{Act, Permission};
use crate::ids::{LegalEntityId, ProductId, SkuId};
use crate::money::{Currency, UnitPrice};
use crate::page::{Page, containing};
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;

const PAGE: usize = 24;

/// A channel's company and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelTerms {
    pub legal_entity: LegalEntityId,
    pub country: String,
    pub currency: Currency,
    /// How many seconds a basket's units are kept; zero is not at all.
    pub hold_seconds: i32,
}

/// A SKU as an order line needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedSku {
    pub id: SkuId,
    pub code: String,
    pub name: String,
    pub weight_grams: i32,
    pub tax_rate_bp: i32,
    /// None where the channel has no price for it.
    pub unit_price: Option<UnitPrice>,
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
            Some(ProductCard { handle: r.handle, skus: r.skus, name: r.name, category: r.category, price })
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
        sqlx::query!(r#"select product_id as "id: ProductId", handle, name, description, category from products where handle = $1"#, handle)
            .fetch_optional(&mut *conn)
            .await?
            .ok_or_else(|| Refusal::not_found(format_args!("product {handle}")))?;
    let rows = sqlx::query!(
        r#"select s.sku_id as "sku_id: SkuId", s.code, s.name, s.weight_grams, p.currency, p.unit_price_micros
        from skus s
        join prices p on p.sku_id = s.sku_id and p.channel = $2 and p.valid @> $3::timestamptz
        where s.product_id = $1
        order by s.code"#,
        product.id.0,
        channel,
        act.now
    )
    .fetch_all(conn)
    .await?;
    let skus = rows
        .into_iter()
        .filter_map(|r| {
            let price = UnitPrice::from_micros(r.unit_price_micros).ok()?.amount(1, Currency::from_code(&r.currency)?)?;
            Some(SkuView { sku_id: r.sku_id, code: r.code, name: r.name, price, weight_grams: r.weight_grams })
        })
        .collect();
    Ok(ProductPage {
        product_id: product.id,
        handle: product.handle,
        name: product.name,
        description: product.description,
        category: product.category,
        skus,
    })
}

/// A SKU's code in a channel that sells in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    pub channel: &'a str,
    pub currency: Currency,
    pub code: &'a str,
}

/// SKUs with their price in a channel.
#[derive(Clone, Debug, Default)]
pub struct PriceList(HashMap<String, HashMap<String, PricedSku>>);

impl PriceList {
    /// None where there is no such SKU.
    pub fn sku(&self, channel: &str, code: &str) -> Option<&PricedSku> {
        self.0.get(channel)?.get(code)
    }
}

/// Looks up SKUs by code, each with its channel's price at `at`. Codes that are not known are missing from the answer.
pub async fn price_skus(conn: &mut PgConnection, at: DateTime<Utc>, wanted: &[Wanted<'_>]) -> Result<PriceList> {
    let rows = sqlx::query!(
        r#"select w.channel as "channel!", s.sku_id as "id: SkuId", s.code, s.name, s.weight_grams, s.tax_rate_bp, p.unit_price_micros as "micros?"
        from (select distinct * from unnest($1::text[], $2::text[], $3::text[]) as w (channel, currency, code)) w
        join skus s on s.code = w.code
        left join prices p on p.sku_id = s.sku_id and p.channel = w.channel and p.currency = w.currency and p.valid @> $4::timestamptz"#,
        &wanted.iter().map(|w| w.channel.to_owned()).collect::<Vec<_>>(),
        &wanted.iter().map(|w| w.currency.code().to_owned()).collect::<Vec<_>>(),
        &wanted.iter().map(|w| w.code.to_owned()).collect::<Vec<_>>(),
        at
    )
    .fetch_all(conn)
    .await?;
    let mut list = PriceList::default();
    for r in rows {
        let sku = PricedSku {
            id: r.id,
            code: r.code.clone(),
            name: r.name,
            weight_grams: r.weight_grams,
            tax_rate_bp: r.tax_rate_bp,
            unit_price: r.micros.and_then(|m| UnitPrice::from_micros(m).ok()),
        };
        list.0.entry(r.channel).or_default().insert(r.code, sku);
    }
    Ok(list)
}

/// SKUs by what is on a label: their own code, or a GTIN of 8, 12, 13 or 14 digits. Those that are not known are missing from the answer.
pub async fn skus_by_codes(conn: &mut PgConnection, codes: &[String]) -> Result<HashMap<String, SkuId>> {
    let rows = sqlx::query!(
        r#"select w.code as "code!", s.sku_id as "sku: SkuId"
        from unnest($1::text[]) as w (code)
        join skus s on s.code = w.code or (w.code ~ '^[0-9]{8,14}$' and s.gtin = lpad(w.code, 14, '0'))"#,
        codes
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.code, r.sku)).collect())
}

/// The code of a SKU.
pub async fn code_of(conn: &mut PgConnection, sku: SkuId) -> Result<String> {
    Ok(sqlx::query_scalar!("select code from skus where sku_id = $1", sku.0).fetch_one(conn).await?)
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
        r#"select c.channel, e.legal_entity_id as "legal_entity: LegalEntityId", e.country, c.currency, c.hold_seconds
        from channels c
        join legal_entities e using (legal_entity_id)"#
    )
    .fetch_all(conn)
    .await?;
    let terms = rows.into_iter().filter_map(|r| {
        let currency = Currency::from_code(&r.currency)?;
        Some((r.channel, ChannelTerms { legal_entity: r.legal_entity, country: r.country, currency, hold_seconds: r.hold_seconds }))
    });
    Ok(terms.collect())
}
