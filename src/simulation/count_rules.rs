//! How many of last week's orders each rule would take, and one of them.

use super::happened::Period;
use super::replay::Rulebook;
use super::run_simulation::Run;
use super::views::RuleUse;
use crate::identity::{Act, Permission};
use crate::ids::RulesetId;
use crate::refusal::Result;
use crate::routing::Ruleset;
use crate::routing::rules::Rules;
use chrono::TimeDelta;
use sqlx::PgConnection;

const LOOK_BACK: TimeDelta = TimeDelta::days(7);
/// Where more were placed, the latest of them stand for the others.
const MOST_ORDERS: i64 = 1_000;

/// Routes last week's orders, at most the latest thousand, by some rules: what each of them did, in their order, and how many orders there were. None
/// where the rules are not sound.
pub async fn count_rules(conn: &mut PgConnection, act: &Act, rules: &Rules) -> Result<Option<(Vec<RuleUse>, u32)>> {
    act.require(Permission::ReadRouting)?;
    let Ok(ruleset) = Ruleset::of(RulesetId(uuid::Uuid::nil()), 0, "", rules) else { return Ok(None) };
    let from = sqlx::query_scalar!(
        "select placed_at from orders where placed_at > $1 and placed_at <= $2 order by placed_at desc, order_id desc offset $3 limit 1",
        act.now - LOOK_BACK,
        act.now,
        MOST_ORDERS
    )
    .fetch_optional(&mut *conn)
    .await?;
    let period = Period { from: from.unwrap_or(act.now - LOOK_BACK), until: act.now };
    let mut run = Run::begin(conn, period, Rulebook::One(Box::new(ruleset))).await?;
    while run.go_on(conn).await? {}
    let orders = run.done;
    Ok(Some((run.finish().0.rules, orders)))
}
