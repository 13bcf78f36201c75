use crate::company::now;
use chrono::TimeDelta;
use sqlx::PgPool;
use waybill::identity::{Act, NewUser, Role, current_user, register_user, sign_in, sign_out_everywhere};
use waybill::refusal::RefusalCode;

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn in_and_out_everywhere(pool: PgPool) {
    let mut conn = pool.acquire().await.unwrap();
    let new = |password: &str| NewUser {
        email: "Ann@Example.com ".to_owned(),
        name: "Ann".to_owned(),
        role: Role::Admin,
        location: None,
        password: password.to_owned(),
    };
    let short = register_user(&mut conn, &Act::system(now()), new("short")).await.unwrap_err();
    assert_eq!(short.refusal().unwrap().fields[0].field, "/password");
    register_user(&mut conn, &Act::system(now()), new("long enough to be good")).await.unwrap();

    let mut tokens = Vec::new();
    for _ in 0..2 {
        tokens.push(sign_in(&mut conn, now(), "ann@example.com", "long enough to be good").await.unwrap().unwrap());
    }
    let user = current_user(&mut conn, now(), &tokens[0]).await.unwrap().unwrap();
    assert_eq!(user.role, Role::Admin);
    // Idle for half a day, a session is over.
    assert!(current_user(&mut conn, now() + TimeDelta::hours(13), &tokens[0]).await.unwrap().is_none());
    sign_out_everywhere(&mut conn, &Act::new(user.actor(), now())).await.unwrap();
    for token in &tokens {
        assert!(current_user(&mut conn, now(), token).await.unwrap().is_none());
    }
}

#[sqlx::test(migrator = "waybill::MIGRATOR")]
async fn guessing_shuts_the_door_for_a_while(pool: PgPool) {
    let mut conn = pool.acquire().await.unwrap();
    let new = NewUser {
        email: "ann@example.com".to_owned(),
        name: "Ann".to_owned(),
        role: Role::Admin,
        location: None,
        password: "long enough to be good".to_owned(),
    };
    register_user(&mut conn, &Act::system(now()), new).await.unwrap();
    for _ in 0..8 {
        let refused = sign_in(&mut conn, now(), "ann@example.com", "wrong").await.unwrap().unwrap_err();
        assert_eq!(refused.code, RefusalCode::Invalid);
    }
    let shut = sign_in(&mut conn, now(), "ann@example.com", "long enough to be good").await.unwrap().unwrap_err();
    assert_eq!(shut.code, RefusalCode::TooManyAttempts);
    assert!(sign_in(&mut conn, now() + TimeDelta::minutes(16), "ann@example.com", "long enough to be good").await.unwrap().is_ok());
}
