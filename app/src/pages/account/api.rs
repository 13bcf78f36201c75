use crate::error::ApiError;
use leptos::prelude::*;

/// The session's cookie.
pub const SESSION_COOKIE: &str = "waybill_session";

/// Signs in and goes to `next`, or to the place of the person's role.
#[server]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), ApiError> {
    let services = crate::ctx::services();
    let now = services.clock.now();
    // A refusal is committed, too: it leaves a failed attempt behind.
    let outcome = waybill::transact!(services.pool, conn => waybill::identity::sign_in(conn, now, &email, &password).await)?;
    let token = outcome?;
    crate::ctx::set_cookie(SESSION_COOKIE, &token, 14 * 24 * 3600);
    let user = waybill::identity::current_user(&mut *services.pool.acquire().await?, now, &token).await?;
    let home = user.map_or("/", |user| user.role.home());
    crate::ctx::redirect(crate::ctx::own_path(&next, home));
    Ok(())
}

/// Ends this session.
#[server]
pub async fn sign_out() -> Result<(), ApiError> {
    if let Some(token) = crate::ctx::cookie(SESSION_COOKIE) {
        waybill::identity::sign_out(&mut *crate::ctx::services().pool.acquire().await?, &token).await?;
    }
    crate::ctx::set_cookie(SESSION_COOKIE, "", 0);
    crate::ctx::redirect("/sign-in");
    Ok(())
}

/// Ends every session of whoever is signed in, on every device.
#[server]
pub async fn sign_out_everywhere() -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::identity::sign_out_everywhere(conn, &act).await)?;
    crate::ctx::set_cookie(SESSION_COOKIE, "", 0);
    crate::ctx::redirect("/sign-in");
    Ok(())
}

/// Whoever is signed in chooses another password, and signs in with it.
#[server]
pub async fn change_password(#[server(default)] old: String, #[server(default)] new: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    // A refusal is committed, too: it leaves a failed attempt behind.
    let outcome = waybill::transact!(services.pool, conn => waybill::identity::change_password(conn, &act, &old, &new).await)?;
    outcome?;
    crate::ctx::set_cookie(SESSION_COOKIE, "", 0);
    crate::ctx::redirect("/sign-in");
    Ok(())
}
