//! Reading counts.

use super::CountState;
use super::views::{CountDetail, CountLineView, CountRow, Difference};
use crate::identity::{Act, Permission};
use crate::ids::{CountId, LocationId};
use crate::page::{Page, read_time_key, time_key};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;
use uuid::Uuid;

const PAGE: usize = 50;

/// Counts, newest first, a page at a time; `state` and `location` (a code) narrow them.
pub async fn list_counts(
    conn: &mut PgConnection,
    act: &Act,
    state: Option<CountState>,
    location: Option<&str>,
    after: Option<&str>,
) -> Result<Page<CountRow>> {
    act.require(Permission::ReadStock)?;
    let (at, id) = read_time_key::<Uuid>(after)?;
    let rows =
        sqlx::query_file!("src/inventory/counts/sql/list_counts.sql", state.map(CountState::as_str), location, at, id, PAGE as i64 + 1, act.now)
            .fetch_all(conn)
            .await?;
    let page = Page::cut(rows, PAGE, |r| time_key(r.opened_at, r.count_id));
    let rows = page.rows.into_iter().map(|r| CountRow {
        number: r.number,
        location: r.location,
        state: r.state,
        lines: r.lines,
        counted: r.counted,
        opened_at: r.opened_at,
    });
    Ok(Page { rows: rows.collect(), next: page.next })
}

/// One count by its number. What the books say is told only to those who may correct them, and only once nobody counts any more.
pub async fn read_count(conn: &mut PgConnection, act: &Act, number: &str) -> Result<CountDetail> {
    // Whoever may count may read what they counted.
    if !act.actor.may(Permission::CountStock) {
        act.require(Permission::ReadStock)?;
    }
    let count = sqlx::query!(
        r#"select c.count_id, c.number, c.location_id as "location_id: LocationId", v.name as location, c.state as "state: CountState", c.note,
            c.opened_at, c.ended_at
        from counts c
        join location_versions v on v.location_id = c.location_id and v.valid @> $2::timestamptz
        where c.number = $1"#,
        number.trim().to_ascii_uppercase(),
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("count {number}")))?;
    let sees_books = count.state != CountState::Open && act.actor.may(Permission::AdjustStock);
    let rows = sqlx::query!(
        r#"select s.code, s.name, s.gtin, l.counted, l.book, l.in_picking, l.booked_at, u.name as "counted_by?"
        from count_lines l
        join skus s using (sku_id)
        left join users u on u.user_id = l.counted_by
        where l.count_id = $1
        order by s.code"#,
        count.count_id
    )
    .fetch_all(conn)
    .await?;
    let lines = rows.into_iter().map(|r| CountLineView {
        sku: r.code,
        name: r.name,
        gtin: r.gtin,
        counted: r.counted,
        difference: match (sees_books, r.counted, r.book, r.in_picking) {
            (true, Some(counted), Some(book), Some(in_picking)) => {
                Some(Difference { book, in_picking, units: counted - book, booked: r.booked_at.is_some() })
            }
            _ => None,
        },
        counted_by: r.counted_by,
    });
    Ok(CountDetail {
        number: count.number,
        location: count.location,
        location_id: count.location_id,
        state: count.state,
        note: count.note,
        opened_at: count.opened_at,
        ended_at: count.ended_at,
        lines: lines.collect(),
    })
}

/// The number of a count.
pub async fn number_of(conn: &mut PgConnection, id: CountId) -> Result<String> {
    sqlx::query_scalar!("select number from counts where count_id = $1", id.0)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found("such count").into())
}

/// A count that is being changed: its row is locked.
#[derive(Clone, Debug)]
pub(crate) struct Counting {
    pub id: CountId,
    pub number: String,
    pub location: LocationId,
    pub state: CountState,
}

/// Locks a count by its number.
pub(crate) async fn lock_count(conn: &mut PgConnection, number: &str) -> Result<Counting> {
    sqlx::query_as!(
        Counting,
        r#"select count_id as "id: CountId", number, location_id as "location: LocationId", state as "state: CountState"
        from counts
        where number = $1
        for update"#,
        number.trim().to_ascii_uppercase()
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("count {number}")).into())
}
