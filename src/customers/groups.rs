//! Groups of customers, whose prices and whose share of the stock may differ.

use super::views::CustomerGroup;
use crate::identity::{Act, Permission};
use crate::planning_state::touch_network;
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;

const LONGEST_CODE: usize = 40;
const LONGEST_NAME: usize = 60;

/// Makes a group of customers known by the code that orders name it by, or gives it another name for people.
pub async fn put_customer_group(conn: &mut PgConnection, act: &Act, group: &CustomerGroup) -> Result<()> {
    act.require(Permission::ManageCatalog)?;
    let (code, name) = (group.code.trim(), group.name.trim());
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: &str| problems.push(FieldProblem { field: field.to_owned(), message: message.to_owned() });
    let fits = code.starts_with(|c: char| c.is_ascii_lowercase()) && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !fits || code.len() > LONGEST_CODE {
        wrong("/code", "Use small letters, digits and underscores, a letter first, at most 40 of them, such as trade.");
    }
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        wrong("/name", "Give the group a name of at most 60 characters.");
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    sqlx::query!(
        "insert into customer_groups (customer_group, name) values ($1, $2) on conflict (customer_group) do update set name = excluded.name",
        code,
        name
    )
    .execute(&mut *conn)
    .await?;
    touch_network(conn).await
}

/// Groups of customers, by name.
pub async fn list_customer_groups(conn: &mut PgConnection, act: &Act) -> Result<Vec<CustomerGroup>> {
    act.require(Permission::ReadCatalog)?;
    let groups = sqlx::query_as!(CustomerGroup, "select customer_group as code, name from customer_groups order by name, customer_group");
    Ok(groups.fetch_all(conn).await?)
}
