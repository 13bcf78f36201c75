//! Stock for the year: the file has none.

use super::super::history::{Receipt, Writer};
use super::super::{draw, mix};
use super::Group;
use super::catalogue::Item;
use super::file::{Kind, Meaning, meaning};
use super::people::home_of;
use crate::ids::{LocationId, SkuId};
use crate::inventory::LocationKind;
use chrono::TimeDelta;
use std::collections::{BTreeMap, HashMap};

/// Lines in a hundred that are stocked where they will be ordered from.
const STOCKED_NEAR: u64 = 72;

/// What arrives when: each week's demand at the week's beginning, most of it where it will be nearest, the rest elsewhere, so that supply
/// covers demand in total while a part of the lines has to come from further away.
pub(super) fn supply(writer: &Writer, groups: &[Group<'_>], skus: &HashMap<String, Item>) -> Vec<Receipt> {
    let sites = writer.sites();
    let of_kind = |kind: LocationKind| sites.iter().filter(move |s| s.kind == kind).map(|s| s.id).collect::<Vec<_>>();
    let (warehouses, vendors) = (of_kind(LocationKind::Warehouse), of_kind(LocationKind::Vendor));
    let Some(start) = groups.first().map(|g| g.0.0) else { return Vec::new() };
    let mut near: HashMap<(u64, u64), LocationId> = HashMap::new();
    let mut arriving: BTreeMap<(i64, SkuId, LocationId), i32> = BTreeMap::new();
    for ((at, invoice), members) in groups.iter().filter(|g| g.1[0].kind() == Kind::Sale) {
        let week = (*at - start).num_days() / 7;
        let point = home_of(members[0], invoice);
        let key = (point.latitude.to_bits(), point.longitude.to_bits());
        let Some(nearest) = near.get(&key).copied().or_else(|| writer.nearest_of(point, |_| true)) else { continue };
        near.insert(key, nearest);
        for line in members.iter().filter(|l| meaning(l) == Meaning::Goods) {
            let Some(item) = skus.get(&line.code) else { continue };
            let seed = mix(line.file_line);
            let place = if warehouses.is_empty() || draw(seed, 100) < STOCKED_NEAR {
                nearest
            } else if draw(seed ^ 1, 5) == 0 {
                vendors.first().copied().unwrap_or(nearest)
            } else {
                warehouses[usize::try_from(draw(seed ^ 2, warehouses.len() as u64)).unwrap_or(0)]
            };
            *arriving.entry((week, item.id, place)).or_default() += i32::try_from(line.quantity).unwrap_or(0);
        }
    }
    arriving
        .into_iter()
        .map(|((week, sku, location), quantity)| {
            // Before the week's first order can come.
            let at = start + TimeDelta::weeks(week) - TimeDelta::hours(1);
            Receipt { at, sku, location, quantity, reason: if week == 0 { "opening" } else { "receipt" } }
        })
        .collect()
}
