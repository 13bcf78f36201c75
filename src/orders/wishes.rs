//! What customers want done to what they order: text put on it, wrapping as a gift. A basket and an order are judged alike.

use super::NewLine;
use super::planning::Planning;
use super::terms::Terms;
use crate::catalog::{self, PricedSku, Wanted};
use crate::identity::{Act, Permission};
use crate::money::{Currency, Money, UnitPrice};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// What is done to each unit of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    pub personalisation: Option<String>,
    /// What wrapping a unit costs; none where it is not wrapped.
    pub gift_wrap: Option<UnitPrice>,
}

/// What is wrong with a wish: the field of the line, and what to do.
pub(super) type WrongWish = (&'static str, String);

impl Wishes {
    /// Judges what a line asks for. `prices_count` is true where the sender decides prices. Text is put on things, not on kits.
    pub fn read(
        terms: &Terms,
        channel: &str,
        sku: &PricedSku,
        is_kit: bool,
        line: &NewLine,
        prices_count: bool,
    ) -> std::result::Result<Self, WrongWish> {
        if sku.skill.is_some() && line.quantity != 1 {
            return Err(("quantity", format!("{} is done once at a time. Order 1; for more appointments, order again.", sku.name)));
        }
        if sku.skill.is_some() && line.gift_wrap {
            return Err(("gift_wrap", "A service is not wrapped. Leave it out.".to_owned()));
        }
        let text = line.personalisation.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if let Some(text) = text {
            let wrong = |message| ("personalisation", message);
            let Some(most) = sku.personalisation_max.filter(|_| !is_kit) else {
                return Err(wrong(format!("No text can be put on {} ({}). Leave it out.", sku.name, sku.code)));
            };
            let length = text.chars().count();
            if i32::try_from(length).map_or(true, |length| length > most) {
                return Err(wrong(format!("There is room for {most} characters; this has {length}. Shorten it.")));
            }
            if text.chars().any(char::is_control) {
                return Err(wrong("The text is one line of letters, digits and signs.".to_owned()));
            }
        }
        let gift_wrap = match (line.gift_wrap, line.gift_wrap_price.as_deref().filter(|_| prices_count)) {
            (false, _) => None,
            (true, Some(price)) => Some(price.parse().map_err(|error| ("gift_wrap_price", format!("“{price}” is not a price: {error}.")))?),
            (true, None) => {
                let offered = terms.gift_wrap(channel);
                Some(offered.ok_or_else(|| ("gift_wrap", "Nothing is wrapped as a gift here. Leave it out.".to_owned()))?)
            }
        };
        Ok(Self { personalisation: text.map(str::to_owned), gift_wrap })
    }

    /// What a line comes to at a price, the wrapping included: rounded once. None beyond what can be charged.
    pub fn amount(&self, unit_price: UnitPrice, quantity: i32, currency: Currency) -> Option<Money> {
        unit_price.plus(self.gift_wrap.unwrap_or(UnitPrice::FREE)).ok()?.amount(quantity, currency)
    }
}

/// Refuses a line of a basket that an order would be refused for: something that is not sold, or a wish that cannot be met.
pub async fn check_wishes(conn: &mut PgConnection, act: &Act, planning: &Planning, channel: &str, line: &NewLine) -> Result<()> {
    act.require(Permission::ReadCatalog)?;
    let terms = planning.terms.channels.get(channel).ok_or_else(|| Refusal::not_found(format_args!("channel {channel}")))?;
    let wanted = Wanted { channel, currency: terms.currency, code: &line.sku, customer_group: None };
    let prices = catalog::price_skus(conn, act.now, &[wanted]).await?;
    let sku = prices.sku(channel, &line.sku, None).filter(|sku| !sku.retired && sku.unit_price.is_some());
    let Some(sku) = sku else { return Err(Refusal::field("/sku", format!("“{}” is not sold here.", line.sku)).into()) };
    let is_kit = planning.network.kits.contains_key(&sku.id);
    Wishes::read(&planning.terms, channel, sku, is_kit, line, false)
        .map(drop)
        .map_err(|(field, message)| Refusal::field(format!("/{field}"), message).into())
}
