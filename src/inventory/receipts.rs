//! What has come, as somebody at the door says it.

use serde::{Deserialize, Serialize};

/// What has come of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// (SKU code or GTIN, units); more than was expected is taken in, too, and so is what was not expected at all.
    pub lines: Vec<(String, i32)>,
    /// Everything that is still to come has come.
    pub everything: bool,
    /// Nothing more will come: what is missing is given up.
    pub close: bool,
}

#[cfg(feature = "postgres")]
pub use postgres::{Taken, taken, what_came};

#[cfg(feature = "postgres")]
mod postgres {
    use super::Receipt;
    use crate::catalog;
    use crate::events::Change;
    use crate::ids::SkuId;
    use crate::inventory::MOST_UNITS;
    use crate::refusal::{FieldProblem, Refusal, Result};
    use sqlx::PgConnection;
    use std::collections::BTreeMap;

    /// What a receipt leaves.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Taken {
        /// Units that are still to come.
        pub missing: i32,
        /// The audit's line.
        pub change: Change,
    }

    /// What a receipt leaves of what was awaited.
    pub fn taken(awaited: &BTreeMap<SkuId, i32>, come: &BTreeMap<SkuId, i32>) -> Taken {
        let missing: i32 = awaited.iter().map(|(sku, units)| (units - come.get(sku).copied().unwrap_or(0)).max(0)).sum();
        let received: i32 = come.values().sum();
        let change = Change {
            field: "Units".to_owned(),
            before: format!("{} missing", missing + received),
            after: format!("{received} received, {missing} missing"),
        };
        Taken { missing, change }
    }

    /// What has come, by SKU; `awaited` is what is still to come. Refused where a code is unknown, and where nothing is said.
    pub async fn what_came(conn: &mut PgConnection, receipt: &Receipt, awaited: &BTreeMap<SkuId, i32>) -> Result<BTreeMap<SkuId, i32>> {
        let known = catalog::skus_by_codes(conn, &receipt.lines.iter().map(|l| l.0.clone()).collect::<Vec<_>>()).await?;
        let mut come: BTreeMap<SkuId, i32> = BTreeMap::new();
        let mut problems = Vec::new();
        for (index, (code, quantity)) in receipt.lines.iter().enumerate() {
            let message = match known.get(code) {
                None => format!("There is no SKU or GTIN “{code}”. Check the label, or put the thing aside and ask."),
                Some(_) if *quantity < 1 => format!("{code}: what has come is at least one unit."),
                Some(sku) => {
                    let units = come.entry(*sku).or_insert(0);
                    *units = units.saturating_add(*quantity);
                    if *units <= MOST_UNITS {
                        continue;
                    }
                    format!("{code}: at most {MOST_UNITS} units come at once. Was a code scanned as a number?")
                }
            };
            problems.push(FieldProblem { field: format!("/lines/{index}"), message });
        }
        if !problems.is_empty() {
            return Err(Refusal::invalid(problems).into());
        }
        if receipt.everything {
            for (sku, units) in awaited {
                let missing = units - come.get(sku).copied().unwrap_or(0);
                if missing > 0 {
                    *come.entry(*sku).or_insert(0) += missing;
                }
            }
        }
        if come.is_empty() && !receipt.close {
            return Err(Refusal::field("/lines", "Scan or type what has come, or say that everything has.").into());
        }
        Ok(come)
    }
}
