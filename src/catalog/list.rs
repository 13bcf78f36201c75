//! Reading the catalogue.

use super::views::{ProductCard, ProductPage, SkuView};
use crate::identity::{Act, Permission};
use crate::ids::{LegalEntityId, ProductId, SkuId};
use crate::money::{Currency, UnitPrice};
use crate::page::{Page, containing};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

const PAGE: usize = 24;

/// A channel's company and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelTerms {
    pub legal_entity: LegalEntityId,
    pub country: String,
    pub currency: Currency,
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

/// Products by name, with the price of a channel and the units free.
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
            Some(ProductCard { handle: r.handle, skus: r.skus, name: r.name, category: r.category, price, available: r.available })
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

/// The SKUs with these codes, with the channel's price now. Codes that are not known are missing from the answer.
pub async fn price_skus(conn: &mut PgConnection, act: &Act, channel: &str, currency: Currency, codes: &[String]) -> Result<Vec<PricedSku>> {
    let rows = sqlx::query!(
        r#"select s.sku_id as "id: SkuId", s.code, s.name, s.weight_grams, s.tax_rate_bp, p.unit_price_micros as "micros?"
        from skus s
        left join prices p on p.sku_id = s.sku_id and p.channel = $2 and p.currency = $3 and p.valid @> $4::timestamptz
        where s.code = any ($1)"#,
        codes,
        channel,
        currency.code(),
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| PricedSku {
            id: r.id,
            code: r.code,
            name: r.name,
            weight_grams: r.weight_grams,
            tax_rate_bp: r.tax_rate_bp,
            unit_price: r.micros.and_then(|m| UnitPrice::from_micros(m).ok()),
        })
        .collect())
}

/// Products that have these SKU codes: handle and name by code, for a basket.
pub async fn products_by_codes(conn: &mut PgConnection, act: &Act, codes: &[String]) -> Result<Vec<(String, String)>> {
    act.require(Permission::ReadCatalog)?;
    let rows =
        sqlx::query!("select s.code, p.handle from skus s join products p using (product_id) where s.code = any ($1)", codes).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|r| (r.code, r.handle)).collect())
}

/// Who sells through a channel, and in what currency.
pub async fn channel_terms(conn: &mut PgConnection, channel: &str) -> Result<Option<ChannelTerms>> {
    let row = sqlx::query!(
        r#"select e.legal_entity_id as "legal_entity: LegalEntityId", e.country, c.currency
        from channels c
        join legal_entities e using (legal_entity_id)
        where c.channel = $1"#,
        channel
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|r| Some(ChannelTerms { legal_entity: r.legal_entity, country: r.country, currency: Currency::from_code(&r.currency)? })))
}

/// Codes of SKUs with the most units free, for measurements.
pub async fn codes_in_stock(conn: &mut PgConnection, limit: i64) -> Result<Vec<String>> {
    let rows = sqlx::query_scalar!(
        "select s.code from skus s join stock k using (sku_id) group by s.code order by sum(k.on_hand - k.reserved) desc, s.code limit $1",
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
