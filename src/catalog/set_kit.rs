//! What a kit is made of.

use crate::catalog;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::SkuId;
use crate::planning_state::touch_network;
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;
use std::collections::BTreeMap;

const MOST_PARTS: usize = 50;

/// Says what a SKU is made of, from now on: (SKU code or GTIN, units of it in one kit). Nothing makes it a thing of its own again. What was ordered
/// before keeps its parts. The kit's price is spread over its parts as they cost by themselves at this moment
/// in the first channel that sells it; evenly by unit where one of them has no price there.
pub async fn set_kit(conn: &mut PgConnection, act: &Act, kit: &str, parts: &[(String, i32)]) -> Result<()> {
    act.require(Permission::ManageCatalog)?;
    let mut codes: Vec<String> = parts.iter().map(|p| p.0.clone()).collect();
    codes.push(kit.trim().to_owned());
    let known = catalog::skus_by_codes(conn, &codes).await?;
    let Some(&kit_id) = known.get(kit.trim()) else {
        return Err(Refusal::field("/sku", format!("There is no SKU “{kit}”. Check the code.")).into());
    };
    let mut problems = Vec::new();
    let mut wrong = |field: String, message: String| problems.push(FieldProblem { field, message });
    let mut units: BTreeMap<SkuId, i32> = BTreeMap::new();
    for (index, (code, quantity)) in parts.iter().enumerate() {
        match known.get(code) {
            None => wrong(format!("/components/{index}"), format!("There is no SKU or GTIN “{code}”. Check the code.")),
            Some(part) if *part == kit_id => wrong(format!("/components/{index}"), "A kit is not a part of itself.".to_owned()),
            Some(_) if !(1..=1_000).contains(quantity) => wrong(format!("/components/{index}"), format!("{code}: a kit has 1 to 1,000 of it.")),
            Some(part) => *units.entry(*part).or_default() += quantity,
        }
    }
    if parts.len() > MOST_PARTS {
        wrong("/components".to_owned(), format!("A kit has at most {MOST_PARTS} parts."));
    }
    let ids: Vec<_> = units.keys().map(|s| s.0).collect();
    let state = sqlx::query!(
        r#"select exists (select from stock where sku_id = $1 and (on_hand > 0 or backordered > 0 or quarantined > 0 or damaged > 0))
                or exists (select from incoming_units where sku_id = $1)
                or exists (select from order_lines where sku_id = $1 and queue is not null) as "stocked!",
            exists (select from kit_components where component_sku_id = $1 and valid @> $3::timestamptz) as "part!",
            array(select s.code from skus s where s.sku_id = any ($2) and s.retired_at is not null order by s.code) as "retired!",
            array(select s.code from skus s where (s.sku_id = any ($2) or s.sku_id = $1) and s.skill is not null order by s.code) as "services!",
            array(select s.code from skus s where s.sku_id = any ($2)
                and exists (select from kit_components k where k.kit_sku_id = s.sku_id and k.valid @> $3::timestamptz)) as "kits!""#,
        kit_id.0,
        &ids,
        act.now
    )
    .fetch_one(&mut *conn)
    .await?;
    if !parts.is_empty() && state.stocked {
        wrong(
            "/sku".to_owned(),
            format!("{kit} has stock of its own, on shelves, on its way or owed. Take it off first: a kit's stock is that of its parts."),
        );
    }
    if !state.retired.is_empty() {
        wrong("/components".to_owned(), format!("{} is not sold any more. Choose other parts.", state.retired.join(", ")));
    }
    if !parts.is_empty() && !state.services.is_empty() {
        wrong("/components".to_owned(), format!("{} is a service, which is booked by itself. Kits are made of things.", state.services.join(", ")));
    }
    if !parts.is_empty() && state.part {
        wrong("/sku".to_owned(), format!("{kit} is a part of another kit. Kits are made of single things."));
    }
    for code in state.kits {
        wrong("/components".to_owned(), format!("{code} is a kit itself. Name its parts instead."));
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let before = sqlx::query!(
        r#"with ended as (
            update kit_components set valid = tstzrange(lower(valid), $2) where kit_sku_id = $1 and valid @> $2::timestamptz
            returning component_sku_id, quantity
        )
        select s.code, e.quantity from ended e join skus s on s.sku_id = e.component_sku_id order by s.code"#,
        kit_id.0,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!(
        "with home as (
            select channel, currency
            from prices
            where sku_id = $1 and customer_group is null and valid @> $4::timestamptz
            order by channel
            limit 1
        ),
        parts as (
            select w.sku_id, w.quantity, (
                select p.unit_price_micros
                from prices p
                join home using (channel, currency)
                where p.sku_id = w.sku_id and p.customer_group is null and p.valid @> $4::timestamptz
            ) as price
            from unnest($2::uuid[], $3::integer[]) as w (sku_id, quantity)
        )
        insert into kit_components (kit_sku_id, component_sku_id, quantity, share, valid)
        select $1, sku_id, quantity,
            quantity::bigint * case when bool_and(coalesce(price, 0) > 0) over () then least(price, 10000000000000) else 1 end,
            tstzrange($4, null)
        from parts",
        kit_id.0,
        &ids,
        &units.values().copied().collect::<Vec<_>>(),
        act.now
    )
    .execute(&mut *conn)
    .await?;
    touch_network(conn).await?;
    let words = |parts: Vec<String>| if parts.is_empty() { "no kit".to_owned() } else { parts.join(", ") };
    let change = Change {
        field: kit.trim().to_owned(),
        before: words(before.into_iter().map(|b| format!("{} × {}", b.quantity, b.code)).collect()),
        after: words(parts.iter().map(|(code, n)| format!("{n} × {code}")).collect()),
    };
    let details = EventDetails { changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Product, kit_id.0, vec![NewEvent { kind: EventKind::KitSet, details }]).await
}
