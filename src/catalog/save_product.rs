//! Making and changing products: what they are called, what they come in, and what each variant is.

use super::traits::keep_traits;
use super::{Handling, ProductInput, SKILL_WORDS, SkuInput, Unit, check_gtin, is_skill};
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{ProductId, SkuId};
use crate::planning_state::touch_network;
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use crate::tags::clean_tags;
use sqlx::PgConnection;
use std::collections::BTreeSet;

const LONGEST_NAME: usize = 200;
const LONGEST_TEXT: usize = 10_000;
const MOST_OPTIONS: usize = 3;
const MOST_SKUS: usize = 500;
const MOST_SUBSTITUTES: usize = 5;
/// Characters of a text that is put on a thing.
const MOST_TEXT: i32 = 200;

/// Makes the product of a handle, or changes it. SKUs that are named are made or changed; those that are not stay as they are, since orders and stock
/// know them.
pub async fn save_product(conn: &mut PgConnection, act: &Act, handle: &str, new: &ProductInput) -> Result<()> {
    act.require(Permission::ManageCatalog)?;
    let taken = sqlx::query!(
        r#"select s.code, s.retired_at is not null as "retired!", p.handle from skus s join products p using (product_id) where s.code = any ($1)"#,
        &new.skus.iter().map(|s| s.code.trim().to_owned()).collect::<Vec<_>>()
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut problems = problems_of(handle, new);
    for (index, sku) in new.skus.iter().enumerate() {
        if let Some(other) = taken.iter().find(|t| t.code == sku.code.trim() && t.handle != handle) {
            let message = format!("{} belongs to the product {} already. Choose another code.", other.code, other.handle);
            problems.push(FieldProblem { field: format!("/skus/{index}/code"), message });
        }
    }
    let gtins: Vec<Option<String>> = new.skus.iter().map(|s| padded(&s.gtin)).collect();
    let codes: Vec<&str> = new.skus.iter().map(|s| s.code.trim()).collect();
    let owners = sqlx::query!(r#"select code, gtin as "gtin!" from skus where gtin = any ($1)"#, &gtins as _).fetch_all(&mut *conn).await?;
    for (index, gtin) in gtins.iter().enumerate().filter_map(|(index, gtin)| Some((index, gtin.as_ref()?))) {
        // Whoever is saved along with it keeps only what is said of it here.
        let owner = owners.iter().find(|o| o.gtin == *gtin && !codes.contains(&o.code.as_str())).map(|o| o.code.as_str());
        let twin = gtins[..index].iter().position(|earlier| earlier.as_ref() == Some(gtin)).map(|twin| codes[twin]);
        if let Some(other) = owner.or(twin) {
            let message = format!("{other} has this GTIN. A scan must lead to one thing: give each its own.");
            problems.push(FieldProblem { field: format!("/skus/{index}/gtin"), message });
        }
    }
    let before = sqlx::query!(
        r#"select product_id as "id: ProductId", name, category, brand, tags, options from products where handle = $1 for update"#,
        handle
    )
    .fetch_optional(&mut *conn)
    .await?;
    let tags = clean_tags(&new.tags).unwrap_or_else(|message| {
        problems.push(FieldProblem { field: "/tags".to_owned(), message });
        Vec::new()
    });
    let back: Vec<&str> = taken.iter().filter(|t| t.retired).map(|t| t.code.as_str()).collect();
    problems.extend(wrong_retirements(conn, act, new, &back).await?);
    problems.extend(wrong_skills(conn, act, new).await?);
    problems.extend(wrong_substitutes(conn, act, new).await?);
    if before.is_none() && new.skus.is_empty() {
        problems.push(FieldProblem { field: "/skus".to_owned(), message: "A product has at least one SKU.".to_owned() });
    }
    let mut is_other = false;
    if let Some(before) = &before {
        let others = sqlx::query!("select code, option_values, handling from skus where product_id = $1", before.id.0).fetch_all(&mut *conn).await?;
        for (index, sku) in new.skus.iter().enumerate().filter(|_| !new.options.is_empty()) {
            let same = others.iter().find(|o| o.code != sku.code.trim() && o.option_values == sku.option_values);
            if let Some(same) = same {
                let message = format!("{} is this variant already. Say what sets this one apart.", same.code);
                problems.push(FieldProblem { field: format!("/skus/{index}/option_values"), message });
            }
        }
        let handled = |sku: &SkuInput| others.iter().any(|o| o.code == sku.code.trim() && o.handling != handling_of(sku));
        is_other = before.category != new.category.trim() || before.brand != new.brand.trim() || before.tags != tags || new.skus.iter().any(handled);
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let id = before.as_ref().map_or_else(|| ProductId::new(act.now), |b| b.id);
    if is_other {
        keep_traits(conn, id, act.now).await?;
    }
    let options: Vec<String> = new.options.iter().map(|o| o.trim().to_owned()).collect();
    sqlx::query!(
        "insert into products (product_id, handle, name, description, category, options, created_at, brand, tags) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (product_id) do update
        set name = excluded.name, description = excluded.description, category = excluded.category, options = excluded.options,
            brand = excluded.brand, tags = excluded.tags",
        id.0,
        handle,
        new.name.trim(),
        new.description.trim(),
        new.category.trim(),
        &options,
        act.now,
        new.brand.trim(),
        &tags
    )
    .execute(&mut *conn)
    .await?;
    for sku in &new.skus {
        put_sku(conn, act, id, sku).await?;
    }
    // Rules that are for a category are for other things now.
    touch_network(conn).await?;
    let change = Change {
        field: handle.to_owned(),
        before: before.map_or_else(String::new, |b| format!("{}, {}", b.name, b.category)),
        after: format!("{}, {}", new.name.trim(), new.category.trim()),
    };
    let details = EventDetails { changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Product, id.0, vec![NewEvent { kind: EventKind::ProductSaved, details }]).await
}

/// Refuses a handle that a product has: for those who mean to make a new one.
pub async fn require_free_handle(conn: &mut PgConnection, handle: &str) -> Result<()> {
    let taken = sqlx::query_scalar!("select name from products where handle = $1", handle).fetch_optional(conn).await?;
    match taken {
        None => Ok(()),
        Some(name) => Err(Refusal::field("/handle", format!("“{name}” has this address already. Choose another.")).into()),
    }
}

/// A GTIN as the database keeps it: shorter ones are filled with zeros to 14 digits, as GS1 stores them. None where there is none.
fn padded(gtin: &str) -> Option<String> {
    let gtin = gtin.trim();
    (!gtin.is_empty()).then(|| format!("{gtin:0>14}"))
}

/// What has to be minded, each once, in the order in which it is always written.
fn handling_of(sku: &SkuInput) -> Vec<String> {
    Handling::ALL.iter().filter(|h| sku.handling.iter().any(|word| word.trim() == h.as_str())).map(ToString::to_string).collect()
}

/// The codes of what may be sent in its place, each once.
fn substitutes_of(sku: &SkuInput) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for code in sku.substitutes.iter().map(|code| code.trim()).filter(|code| !code.is_empty()) {
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    codes
}

async fn put_sku(conn: &mut PgConnection, act: &Act, product: ProductId, sku: &SkuInput) -> Result<()> {
    let put = sqlx::query!(
        "insert into skus (sku_id, product_id, code, name, option_values, gtin, weight_grams, tax_rate_bp, unit, length_mm, width_mm, height_mm,
            personalisation_max, retired_at, skill, handling, substitutes, position)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, case when $14 then $15::timestamptz end, nullif($16, ''), $17, $18,
            (select coalesce(max(o.position), 0) + 1 from skus o where o.product_id = $2))
        on conflict (code) do update
        set name = excluded.name, option_values = excluded.option_values, gtin = excluded.gtin, weight_grams = excluded.weight_grams,
            tax_rate_bp = excluded.tax_rate_bp, unit = excluded.unit, length_mm = excluded.length_mm, width_mm = excluded.width_mm,
            height_mm = excluded.height_mm, personalisation_max = excluded.personalisation_max, skill = excluded.skill,
            handling = excluded.handling, substitutes = excluded.substitutes,
            retired_at = case when $14 then coalesce(skus.retired_at, excluded.retired_at) end
        where skus.product_id = excluded.product_id",
        SkuId::new(act.now).0,
        product.0,
        sku.code.trim(),
        sku.name.trim(),
        &sku.option_values.iter().map(|v| v.trim().to_owned()).collect::<Vec<_>>(),
        padded(&sku.gtin),
        sku.weight_grams,
        sku.tax_rate_bp,
        sku.unit,
        sku.length_mm,
        sku.width_mm,
        sku.height_mm,
        sku.personalisation_max,
        sku.retired,
        act.now,
        sku.skill.trim(),
        &handling_of(sku),
        &substitutes_of(sku)
    )
    .execute(conn)
    .await?;
    if put.rows_affected() == 0 {
        return Err(Refusal::new(RefusalCode::Conflict, format!("{} has just been given to another product. Choose another code.", sku.code)).into());
    }
    Ok(())
}

/// What is wrong with what is retired or sold again: a kit is sold as long as all of its parts are. `retired` are codes of what is retired until now.
async fn wrong_retirements(conn: &mut PgConnection, act: &Act, new: &ProductInput, retired: &[&str]) -> Result<Vec<FieldProblem>> {
    let codes = |which: &dyn Fn(&SkuInput) -> bool| new.skus.iter().filter(|s| which(s)).map(|s| s.code.trim().to_owned()).collect::<Vec<_>>();
    let leaving = codes(&|sku| sku.retired);
    let coming = codes(&|sku| !sku.retired && retired.contains(&sku.code.trim()));
    if leaving.is_empty() && coming.is_empty() {
        return Ok(Vec::new());
    }
    let pairs = sqlx::query!(
        r#"select k.code as kit, p.code as part, k.retired_at is null as "kit_is_sold!", p.retired_at is not null as "part_is_retired!"
        from kit_components c
        join skus k on k.sku_id = c.kit_sku_id
        join skus p on p.sku_id = c.component_sku_id
        where (p.code = any ($1) or k.code = any ($2)) and c.valid @> $3::timestamptz
        order by k.code, p.code"#,
        &leaving,
        &coming,
        act.now
    )
    .fetch_all(conn)
    .await?;
    let mut problems = Vec::new();
    for (index, sku) in new.skus.iter().enumerate() {
        let code = sku.code.trim();
        let stays = pairs.iter().find(|p| sku.retired && p.part == code && p.kit_is_sold && !leaving.contains(&p.kit));
        let lacks = pairs.iter().find(|p| coming.contains(&p.kit) && p.kit == code && p.part_is_retired && !coming.contains(&p.part));
        let message = match (stays, lacks) {
            (Some(pair), _) => format!("{code} is a part of the kit {}. Retire the kit first, or say what else it is made of.", pair.kit),
            (None, Some(pair)) => format!("Its part {} is not sold any more. Say what else the kit is made of first.", pair.part),
            (None, None) => continue,
        };
        problems.push(FieldProblem { field: format!("/skus/{index}/retired"), message });
    }
    Ok(problems)
}

/// What is wrong with what becomes a service, or a thing again: nobody has services on a shelf or in a kit, and what is ordered stays what it is.
async fn wrong_skills(conn: &mut PgConnection, act: &Act, new: &ProductInput) -> Result<Vec<FieldProblem>> {
    let used = sqlx::query!(
        r#"select code, skill is not null as "is_service!",
            exists (select from stock s where s.sku_id = skus.sku_id and (s.on_hand > 0 or s.backordered > 0 or s.backorder_limit > 0)) as "is_stocked!",
            exists (select from kit_components k where skus.sku_id in (k.kit_sku_id, k.component_sku_id) and k.valid @> $2::timestamptz) as "is_of_kit!",
            exists (select from order_lines l where l.sku_id = skus.sku_id and l.open > 0) as "is_ordered!"
        from skus
        where code = any ($1)"#,
        &new.skus.iter().map(|s| s.code.trim().to_owned()).collect::<Vec<_>>(),
        act.now
    )
    .fetch_all(conn)
    .await?;
    let problem = |(index, sku): (usize, &SkuInput)| {
        let known = used.iter().find(|u| u.code == sku.code.trim() && u.is_service == sku.skill.trim().is_empty())?;
        let why = match (known.is_stocked, known.is_of_kit, known.is_ordered) {
            (true, ..) => "has stock, or is sold before it is there",
            (_, true, _) => "is a kit, or a part of one",
            (.., true) => "is in orders that are not done yet",
            _ => return None,
        };
        let message = format!("{} {why}: it stays what it is. Give the service a code of its own.", known.code);
        Some(FieldProblem { field: format!("/skus/{index}/skill"), message })
    };
    Ok(new.skus.iter().enumerate().filter_map(problem).collect())
}

/// What is wrong with what may be sent in a thing's place: it is another thing, which stands on a shelf itself.
async fn wrong_substitutes(conn: &mut PgConnection, act: &Act, new: &ProductInput) -> Result<Vec<FieldProblem>> {
    let all: Vec<String> = new.skus.iter().flat_map(substitutes_of).collect();
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let known = sqlx::query!(
        r#"select code, skill is not null as "is_service!",
            exists (select from kit_components k where k.kit_sku_id = skus.sku_id and k.valid @> $2::timestamptz) as "is_kit!"
        from skus
        where code = any ($1)"#,
        &all,
        act.now
    )
    .fetch_all(conn)
    .await?;
    let problem = |(index, sku): (usize, &SkuInput)| {
        let codes = substitutes_of(sku);
        let wrong = codes.iter().find_map(|code| {
            let found = known.iter().find(|k| k.code == *code);
            let is_new = new.skus.iter().any(|other| other.code.trim() == code && other.skill.trim().is_empty());
            match found {
                _ if code == sku.code.trim() => Some(format!("{code} cannot be sent in its own place.")),
                None if !is_new => Some(format!("There is no SKU {code}. Write the codes of SKUs.")),
                Some(k) if k.is_service || k.is_kit => Some(format!("{code} does not stand on a shelf: it is a service or a kit. Name a thing.")),
                _ => None,
            }
        });
        let message = wrong.or_else(|| (codes.len() > MOST_SUBSTITUTES).then(|| "At most five can be named.".to_owned()))?;
        Some(FieldProblem { field: format!("/skus/{index}/substitutes"), message })
    };
    Ok(new.skus.iter().enumerate().filter_map(problem).collect())
}

/// Everything that is wrong in itself.
fn problems_of(handle: &str, new: &ProductInput) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut wrong = |field: String, message: &str| problems.push(FieldProblem { field, message: message.to_owned() });
    let fits = |text: &str, longest: usize| !text.trim().is_empty() && text.trim().chars().count() <= longest;
    let sound = |handle: &str| handle.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fits(handle, LONGEST_NAME) || !sound(handle) {
        wrong("/handle".to_owned(), "The address part is of small letters, digits and hyphens, such as brass-lantern.");
    }
    if !fits(&new.name, LONGEST_NAME) {
        wrong("/name".to_owned(), "Give it a name of at most 200 characters.");
    }
    if !fits(&new.category, LONGEST_NAME) {
        wrong("/category".to_owned(), "Name its category.");
    }
    if new.brand.trim().chars().count() > LONGEST_NAME {
        wrong("/brand".to_owned(), "A brand has at most 200 characters.");
    }
    for (index, sku) in new.skus.iter().enumerate() {
        if sku.handling.iter().any(|word| word.trim().parse::<Handling>().is_err()) {
            wrong(format!("/skus/{index}/handling"), "What has to be minded is hazardous, perishable, two_person or fragile.");
        }
    }
    if new.description.chars().count() > LONGEST_TEXT {
        wrong("/description".to_owned(), "Shorten the description to 10,000 characters.");
    }
    if new.options.len() > MOST_OPTIONS || new.options.iter().any(|o| !fits(o, 40)) {
        wrong("/options".to_owned(), "A product varies in at most three things, each with a name of at most 40 characters.");
    }
    if new.skus.len() > MOST_SKUS {
        wrong("/skus".to_owned(), "Send at most 500 SKUs at a time.");
    }
    let mut codes: BTreeSet<&str> = BTreeSet::new();
    for (index, sku) in new.skus.iter().enumerate() {
        let mut wrong = |field: &str, message: &str| wrong(format!("/skus/{index}/{field}"), message);
        let code = sku.code.trim();
        if !fits(code, 40) || !code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            wrong("code", "A code is of letters, digits, hyphens and underscores, at most 40.");
        } else if !codes.insert(code) {
            wrong("code", "This code is there twice. Give each SKU its own.");
        }
        if !fits(&sku.name, LONGEST_NAME) {
            wrong("name", "Give it a name of at most 200 characters.");
        }
        if new.skus[..index].iter().any(|other| !new.options.is_empty() && other.option_values == sku.option_values) {
            wrong("option_values", "This variant is there twice. Say what sets them apart.");
        }
        if sku.option_values.len() != new.options.len() || sku.option_values.iter().any(|v| !fits(v, 40)) {
            wrong("option_values", "Say one value for each thing that the product varies in.");
        }
        if let Err(message) = check_gtin(&sku.gtin) {
            wrong("gtin", message);
        }
        if !(0..=1_000_000).contains(&sku.weight_grams) {
            wrong("weight_grams", "A weight is 0 to 1,000,000 grams.");
        }
        if !(0..=10_000).contains(&sku.tax_rate_bp) {
            wrong("tax_rate_bp", "A tax rate is 0 to 10,000 hundredths of a percent: 2000 is 20 %.");
        }
        if sku.unit.parse::<Unit>().is_err() {
            wrong("unit", "A unit is each, pair, pack, metre, kilogram or litre.");
        }
        let skill = sku.skill.trim();
        if !skill.is_empty() && !is_skill(skill) {
            wrong("skill", SKILL_WORDS);
        }
        if !skill.is_empty() && sku.personalisation_max.is_some() {
            wrong("personalisation_max", "No text is put on a service. Leave this empty.");
        }
        if sku.personalisation_max.is_some_and(|most| !(1..=MOST_TEXT).contains(&most)) {
            wrong("personalisation_max", "A text has room for 1 to 200 characters. Leave it empty where the thing takes none.");
        }
        for (field, side) in [("length_mm", sku.length_mm), ("width_mm", sku.width_mm), ("height_mm", sku.height_mm)] {
            if side.is_some_and(|mm| !(1..=100_000).contains(&mm)) {
                wrong(field, "A side is 1 to 100,000 millimetres.");
            }
        }
    }
    problems
}
