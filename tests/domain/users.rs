//! Looking after those who can sign in.

use crate::company::{Company, company, now};
use chrono::TimeDelta;
use sqlx::PgPool;
use waybill::identity::{self, Act, Actor, NewUser, Role, UserChange, current_user, register_user, sign_in};
use waybill::ids::UserId;
use waybill::refusal::{Error, RefusalCode, Result};
use waybill::transact;

const PASSWORD: &str = "long enough to be good";

async fn add(c: &Company, email: &str, role: Role) -> UserId {
    let new = NewUser { email: email.to_owned(), name: email.to_owned(), role, location: None, password: PASSWORD.to_owned() };
    register_user(&mut *c.conn().await, &c.system(), new).await.unwrap()
}

async fn change(c: &Company, act: &Act, email: &str, role: Role, disabled: bool) -> Result<()> {
    let change = UserChange { name: "Somebody".to_owned(), role, location: None, disabled };
    transact!(c.services.pool, conn => identity::change_user(conn, act, email, &change, None).await)
}

fn fields(error: &Error) -> Vec<&str> {
    error.refusal().unwrap().fields.iter().map(|f| f.field.as_str()).collect()
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn whoever_may_do_less_is_signed_out(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let act = c.system();
    let id = add(&c, "ann@example.com", Role::Finance).await;
    let own = c.services.act(Actor::User { id, role: Role::Finance, location: None });
    assert_eq!(change(&c, &own, "ann@example.com", Role::Admin, false).await.unwrap_err().refusal().unwrap().code, RefusalCode::Forbidden);
    assert_eq!(fields(&change(&c, &act, "ann@example.com", Role::Store, false).await.unwrap_err()), ["/location"]);
    assert_eq!(change(&c, &act, "nobody@example.com", Role::Admin, false).await.unwrap_err().refusal().unwrap().code, RefusalCode::NotFound);
    let session = async |password: &str| sign_in(&mut *c.conn().await, now(), "ann@example.com", password).await.unwrap();
    let here = async |token: &str| current_user(&mut *c.conn().await, now(), token).await.unwrap();
    let token = session(PASSWORD).await.unwrap();
    change(&c, &act, "ann@example.com", Role::Finance, false).await.unwrap();
    assert!(here(&token).await.is_some(), "another name takes nothing away");
    change(&c, &act, "ann@example.com", Role::Planner, false).await.unwrap();
    assert!(here(&token).await.is_none());
    let token = session(PASSWORD).await.unwrap();
    assert_eq!(here(&token).await.unwrap().role, Role::Planner);

    // A forgotten password, and one of one's own choice.
    let told = transact!(c.services.pool, conn => identity::reset_password(conn, &act, "ann@example.com").await).unwrap();
    assert!(here(&token).await.is_none());
    assert!(session(PASSWORD).await.is_err());
    let token = session(&told).await.unwrap();
    let choose = async |old: &str, new: &str| transact!(c.services.pool, conn => identity::change_password(conn, &own, old, new).await);
    assert_eq!(choose("wrong", "another good one").await.unwrap().unwrap_err().fields[0].field, "/old");
    assert_eq!(fields(&choose(&told, "short").await.unwrap_err()), ["/new"]);
    choose(&told, "another good one").await.unwrap().unwrap();
    assert!(here(&token).await.is_none());
    session("another good one").await.unwrap();

    change(&c, &act, "ann@example.com", Role::Planner, true).await.unwrap();
    assert!(session("another good one").await.is_err(), "may not sign in any more");
    let users = identity::list_users(&mut *c.conn().await, &c.system()).await.unwrap();
    assert_eq!(users.iter().map(|u| (u.email.as_str(), u.disabled)).collect::<Vec<_>>(), [("ann@example.com", true)]);
    let told = waybill::events::tell(&mut *c.conn().await, id.0, 3).await.unwrap();
    assert_eq!(told[0].changes[0].after, "may not");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn a_change_is_looked_at_planned_and_taken_back(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let act = c.system();
    for (email, role) in [("one@example.com", Role::Admin), ("ann@example.com", Role::Finance)] {
        add(&c, email, role).await;
    }
    let to = |role: Role| UserChange { name: "Ann".to_owned(), role, location: None, disabled: false };
    let plan = async |email: &str, change: &UserChange, from| {
        let act = c.system();
        transact!(c.services.pool, conn => identity::change_user(conn, &act, email, change, from).await)
    };
    let undo = async |email: &str| {
        let act = c.system();
        transact!(c.services.pool, conn => identity::undo_user_change(conn, &act, email).await)
    };
    let token = sign_in(&mut *c.conn().await, now(), "ann@example.com", PASSWORD).await.unwrap().unwrap();
    let role_at = async |at| current_user(&mut *c.conn().await, at, &token).await.unwrap().map(|u| u.role);
    let detail = async || identity::user_detail(&mut *c.conn().await, &c.system(), "ann@example.com").await.unwrap();
    let preview = identity::preview_user_change(&mut *c.conn().await, &act, "ann@example.com", &to(Role::Executive), None).await.unwrap();
    assert_eq!((preview.changes.len(), preview.changes[0].after.as_str()), (1, "Executive"));
    let told = preview.consequences.join(" ");
    assert!(
        told.contains("They may no longer: see stock")
            && !told.contains("They may then")
            && told.contains("They are signed in now, and are signed out."),
        "{told}"
    );
    assert!(!detail().await.can_undo && role_at(now()).await == Some(Role::Finance), "nothing was done");

    // In an hour: until then everything is as it was, and then the same session has the new role.
    let hour = now() + TimeDelta::hours(1);
    assert_eq!(fields(&plan("ann@example.com", &to(Role::Planner), Some(now() - TimeDelta::hours(1))).await.unwrap_err()), ["/from"]);
    plan("ann@example.com", &to(Role::Planner), Some(hour)).await.unwrap();
    assert_eq!((role_at(now()).await, role_at(hour).await), (Some(Role::Finance), Some(Role::Planner)));
    let planned = detail().await;
    assert_eq!((planned.user.name.as_str(), planned.scheduled.unwrap().1[0].after.as_str(), planned.can_undo), ("Ann", "Planner", true));
    undo("ann@example.com").await.unwrap();
    assert_eq!((role_at(hour).await, detail().await.scheduled), (Some(Role::Finance), None));
    assert_eq!(undo("ann@example.com").await.unwrap_err().refusal().unwrap().code, RefusalCode::IllegalTransition);
    // At once, and back.
    plan("ann@example.com", &UserChange { disabled: true, ..to(Role::Finance) }, None).await.unwrap();
    assert_eq!(role_at(now()).await, None);
    undo("ann@example.com").await.unwrap();
    let again = sign_in(&mut *c.conn().await, now(), "ann@example.com", PASSWORD).await.unwrap().unwrap();
    assert_eq!(current_user(&mut *c.conn().await, now(), &again).await.unwrap().map(|u| u.role), Some(Role::Finance));
    let kinds: Vec<_> = detail().await.history.iter().map(|t| t.kind.as_str()).collect();
    assert_eq!(kinds, ["user_change_undone", "user_changed", "user_change_undone", "user_changed", "user_registered"]);

    // There is an admin at every moment to come, whoever plans what.
    plan("ann@example.com", &to(Role::Admin), Some(hour)).await.unwrap();
    assert_eq!(fields(&plan("one@example.com", &to(Role::Finance), None).await.unwrap_err()), ["/role"], "for an hour nobody would be");
    plan("one@example.com", &to(Role::Finance), Some(hour)).await.unwrap();
    assert_eq!(fields(&undo("ann@example.com").await.unwrap_err()), ["/role"], "from then on nobody would be");
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn the_last_admin_stays_one(pool: PgPool) {
    let c = company(&pool, &[]).await;
    let act = c.system();
    add(&c, "one@example.com", Role::Admin).await;
    assert_eq!(fields(&change(&c, &act, "one@example.com", Role::Planner, false).await.unwrap_err()), ["/role"]);
    assert_eq!(fields(&change(&c, &act, "one@example.com", Role::Admin, true).await.unwrap_err()), ["/role"]);
    add(&c, "two@example.com", Role::Admin).await;
    let act = c.system();
    // Each unmakes the other at the same moment: one of them is left.
    let (a, b) = tokio::join!(change(&c, &act, "one@example.com", Role::Planner, false), change(&c, &act, "two@example.com", Role::Admin, true));
    assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1);
    let admins = identity::list_users(&mut *c.conn().await, &c.system()).await.unwrap();
    assert_eq!(admins.iter().filter(|u| u.role == Role::Admin && !u.disabled).count(), 1);
}
