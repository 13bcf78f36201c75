use super::json;
use crate::api::auth::Authenticated;
use crate::api::extract::Path;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waybill::inventory::rules;
use waybill::transact;

/// Where orders come from.
#[derive(Debug, Serialize, ToSchema)]
pub struct Channel {
    /// As orders name it.
    #[schema(example = "web")]
    channel: String,
    name: String,
    /// For how many minutes it keeps what is in a basket; zero is not at all.
    hold_minutes: i32,
    /// What wrapping a unit as a gift costs, in the channel's currency; null where it is not offered.
    #[schema(example = "3.50")]
    gift_wrap_price: Option<String>,
    /// So many minutes an order waits after it was placed before it becomes a location's work.
    release_delay_minutes: i32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelInput {
    /// 0 to 1,440; baskets that are kept already keep their time.
    #[schema(example = 15)]
    hold_minutes: i32,
    /// A decimal in the channel's currency; not offered where left out.
    #[schema(example = "3.50")]
    gift_wrap_price: Option<String>,
    /// 0 to 10,080; none where left out. Orders that were placed keep their time.
    #[serde(default)]
    release_delay_minutes: i32,
}

/// Channels, by name.
#[utoipa::path(get, path = "/channels", security(("token" = [])), responses((status = 200, body = Vec<Channel>)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Vec<Channel>>, ApiProblem> {
    let channels = rules::list_channels(&mut *state.services.pool.acquire().await?, &act).await?;
    let shown = |c: rules::views::ChannelRow| Channel {
        channel: c.channel,
        name: c.name,
        hold_minutes: c.hold_seconds / 60,
        gift_wrap_price: c.gift_wrap,
        release_delay_minutes: c.release_delay_minutes,
    };
    Ok(Json(channels.into_iter().map(shown).collect()))
}

/// Say for how long a channel keeps what is in a basket, what it takes for wrapping a gift, and how long its orders wait before they are worked on.
#[utoipa::path(put, path = "/channels/{channel}", request_body = ChannelInput, params(("channel" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(channel): Path<String>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let input: ChannelInput = json(&body)?;
    let settings = rules::ChannelSettings {
        hold_minutes: input.hold_minutes,
        gift_wrap: input.gift_wrap_price.unwrap_or_default(),
        release_delay_minutes: input.release_delay_minutes,
    };
    transact!(state.services.pool, conn => rules::set_channel(conn, &act, &channel, &settings).await)?;
    Ok(StatusCode::NO_CONTENT)
}
