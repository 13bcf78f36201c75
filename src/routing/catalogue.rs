//! What rules can be made of, with what can be chosen now.

use super::Queue;
use super::RuleOutcome;
use super::actions::{self, Filled, Role};
use super::facts::{Choices, Cost, Fact, Reads, Subject, Unit, Weighs, cost, line, order, place};
use super::views::{ActionView, BlankView, Catalogue, CostView, FactKind, FactView};
use crate::geo::COUNTRIES;
use crate::identity::{Act, Permission};
use crate::refusal::Result;
use sqlx::PgConnection;
use std::collections::BTreeSet;

type Choice = (String, String);

/// What there is to choose among.
#[derive(Debug, Default)]
struct Offered {
    channels: Vec<Choice>,
    customer_groups: Vec<Choice>,
    locations: Vec<Choice>,
    location_groups: Vec<Choice>,
    location_tags: Vec<Choice>,
    skus: Vec<Choice>,
    categories: Vec<Choice>,
    brands: Vec<Choice>,
    product_tags: Vec<Choice>,
    order_tags: Vec<Choice>,
    order_types: Vec<Choice>,
    customer_tags: Vec<Choice>,
    services: Vec<Choice>,
    delivery_methods: Vec<Choice>,
    zones: Vec<Choice>,
    currencies: Vec<Choice>,
}

/// All that rules can be made of.
pub async fn routing_catalogue(conn: &mut PgConnection, act: &Act) -> Result<Catalogue> {
    act.require(Permission::ReadRouting)?;
    let offered = offered(conn, act).await?;
    let cost_view = |c: &&Cost| CostView {
        code: c.code.to_owned(),
        name: c.name.to_owned(),
        help: c.help.to_owned(),
        each: match c.weighs {
            Weighs::Percent => String::new(),
            Weighs::Price(each) => each.to_owned(),
        },
    };
    let action = |kind: &&actions::ActionKind| ActionView {
        code: kind.code.to_owned(),
        name: kind.name.to_owned(),
        help: kind.help.to_owned(),
        says: kind.says.to_owned(),
        decides: kind.role == Role::Decides,
        after: kind.after.iter().map(|outcome| outcome_code(*outcome).to_owned()).collect(),
        blanks: kind.blanks.iter().map(blank).collect(),
    };
    Ok(Catalogue {
        order: order::ALL.iter().map(|f| fact(f, &offered)).collect(),
        line: line::ALL.iter().map(|f| fact(f, &offered)).collect(),
        place: place::ALL.iter().map(|f| fact(f, &offered)).collect(),
        costs: cost::ALL.iter().map(cost_view).collect(),
        actions: actions::ALL.iter().map(action).collect(),
        queues: [
            (Queue::Backorder, "waits as a backorder"),
            (Queue::Unfillable, "waits until somebody has it"),
            (Queue::CustomerCare, "waits for customer service"),
        ]
        .map(|(queue, words)| (queue.to_string(), words.to_owned()))
        .to_vec(),
    })
}

const fn outcome_code(outcome: RuleOutcome) -> &'static str {
    match outcome {
        RuleOutcome::Full => "full",
        RuleOutcome::Partial => "partial",
        RuleOutcome::Nothing | RuleOutcome::NotForThisOrder => "none",
    }
}

fn blank(blank: &actions::Blank) -> BlankView {
    let filled = match blank.filled {
        Filled::Queue => "queue",
        Filled::Number => "number",
        Filled::Text => "text",
    };
    BlankView { name: blank.name.to_owned(), label: blank.label.to_owned(), filled: filled.to_owned() }
}

fn fact<S: Subject>(fact: &Fact<S>, offered: &Offered) -> FactView {
    let (unit, scale) = unit_of(fact.unit);
    let says = &fact.says;
    FactView {
        code: fact.code.to_owned(),
        name: fact.name.to_owned(),
        help: fact.help.to_owned(),
        kind: match fact.reads {
            Reads::Number(_) if fact.unit == Unit::Date => FactKind::Date,
            Reads::Number(_) => FactKind::Number,
            Reads::Flag(_) => FactKind::Flag,
            Reads::Word(_) | Reads::Words(_) | Reads::Beginning(_) => FactKind::Words,
        },
        unit: unit.to_owned(),
        scale,
        choices: choices_of(fact.choices, offered),
        // What another rule will put on an order, or what comes after the first hundreds, has to be written.
        may_be_written: matches!(
            fact.choices,
            Choices::Free
                | Choices::Skus
                | Choices::OrderTags
                | Choices::OrderTypes
                | Choices::CustomerTags
                | Choices::LocationTags
                | Choices::ProductTags
                | Choices::Categories
                | Choices::Brands
        ),
        one_of: says.one_of.to_owned(),
        none_of: says.none_of.to_owned(),
        at_least: says.at_least.to_owned(),
        at_most: says.at_most.to_owned(),
        yes: says.yes.to_owned(),
        no: says.no.to_owned(),
        first: says.first.to_owned(),
    }
}

/// What forms count in, and how many of what is stored one of it is.
const fn unit_of(unit: Unit) -> (&'static str, f64) {
    match unit {
        Unit::None | Unit::Points | Unit::Date => ("", 1.0),
        Unit::Km => ("km", 1.0),
        // The order's currency is not known before there is an order: two decimals are shown.
        Unit::Money => ("in the order’s currency", 100.0),
        Unit::Grams | Unit::Carbon => ("kg", 1_000.0),
        Unit::Millilitres => ("litres", 1_000.0),
        Unit::Millimetres => ("cm", 10.0),
        Unit::Days => ("days", 1.0),
        Unit::Hours => ("hours", 1.0),
        Unit::Minutes => ("minutes", 1.0),
        Unit::Percent => ("%", 1.0),
        Unit::Units => ("units", 1.0),
        Unit::Lines => ("lines", 1.0),
        Unit::Orders => ("orders", 1.0),
    }
}

fn choices_of(choices: Choices, offered: &Offered) -> Vec<Choice> {
    match choices {
        Choices::None | Choices::Free => Vec::new(),
        Choices::Skus => offered.skus.clone(),
        Choices::These(all) => all.iter().map(|(code, name)| ((*code).to_owned(), (*name).to_owned())).collect(),
        Choices::Countries => COUNTRIES.iter().map(|c| (c.code.to_owned(), c.name.to_owned())).collect(),
        Choices::Channels => offered.channels.clone(),
        Choices::CustomerGroups => offered.customer_groups.clone(),
        Choices::Currencies => offered.currencies.clone(),
        Choices::Locations => offered.locations.clone(),
        Choices::LocationGroups => offered.location_groups.clone(),
        Choices::LocationTags => offered.location_tags.clone(),
        Choices::Categories => offered.categories.clone(),
        Choices::Brands => offered.brands.clone(),
        Choices::ProductTags => offered.product_tags.clone(),
        Choices::OrderTags => offered.order_tags.clone(),
        Choices::OrderTypes => offered.order_types.clone(),
        Choices::CustomerTags => offered.customer_tags.clone(),
        Choices::Services => offered.services.clone(),
        Choices::DeliveryMethods => offered.delivery_methods.clone(),
        Choices::Zones => offered.zones.clone(),
    }
}

/// So many SKUs, brands, categories and tags are offered; others can be written.
const MOST: i64 = 500;

async fn offered(conn: &mut PgConnection, act: &Act) -> Result<Offered> {
    let rows = sqlx::query!(
        r#"(select 'channel' as "kind!", channel as "code!", name as "name!" from channels order by channel)
        union all (select 'group', customer_group, name from customer_groups order by name)
        union all (select 'location', l.code, v.name from locations l join location_versions v using (location_id) where v.valid @> $1::timestamptz order by l.code)
        union all (select 'location_group', name, name from location_groups order by name)
        union all (select distinct 'location_tag', tag, tag from location_versions v, unnest(v.tags) as tag where v.valid @> $1::timestamptz)
        union all (select 'sku', code, name from skus where retired_at is null order by code limit $2)
        union all (select distinct 'category', category, category from products order by category limit $2)
        union all (select distinct 'brand', brand, brand from products where brand <> '' order by brand limit $2)
        union all (select distinct 'product_tag', tag, tag from products p, unnest(p.tags) as tag order by tag limit $2)
        union all (select distinct 'customer_tag', tag, tag from (select customer_tags from orders where customer_tags <> '{}' order by placed_at desc limit 1000) o, unnest(o.customer_tags) as tag)
        union all (select distinct 'order_tag', tag, tag from (select tags from orders where tags <> '{}' order by placed_at desc limit 1000) o, unnest(o.tags) as tag)
        union all (select distinct 'order_type', t.order_type, t.order_type from (select 'standard' as order_type union all
            (select order_type from orders where order_type <> 'standard' order by placed_at desc limit 1000)) t order by 2)
        union all (select distinct 'currency', currency::text, currency::text from channels)"#,
        act.now,
        MOST
    )
    .fetch_all(&mut *conn)
    .await?;
    let of = |kind: &str| rows.iter().filter(|r| r.kind == kind).map(|r| (r.code.clone(), r.name.clone())).collect::<Vec<_>>();
    let delivery = crate::carriers::delivery_at(conn, act.now).await?;
    let zones: BTreeSet<&str> = delivery.zone_maps.values().flat_map(|map| map.places.iter().map(|place| place.zone.as_str())).collect();
    Ok(Offered {
        channels: of("channel"),
        customer_groups: of("group"),
        locations: of("location"),
        location_groups: of("location_group"),
        location_tags: of("location_tag"),
        skus: of("sku"),
        categories: of("category"),
        brands: of("brand"),
        product_tags: of("product_tag"),
        order_tags: of("order_tag"),
        order_types: of("order_type"),
        customer_tags: of("customer_tag"),
        currencies: of("currency"),
        services: delivery.services.iter().map(|(code, s)| (code.clone(), s.name.clone())).collect(),
        delivery_methods: delivery.methods.iter().map(|(code, m)| (code.clone(), m.name.clone())).collect(),
        zones: zones.into_iter().map(|zone| (zone.to_owned(), zone.to_owned())).collect(),
    })
}
