//! Levels of stock, by SKU and location.

use super::StockLevel;
use crate::ids::{LocationId, SkuId};
use std::collections::BTreeMap;

/// Units of some SKUs at some locations. What there is of one SKU stands in one piece of memory, in the order of the locations' ids: whoever asks where it is
/// reads on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels(BTreeMap<SkuId, Vec<(LocationId, StockLevel)>>);

impl Levels {
    /// Nothing where nobody has noted anything.
    pub fn get(&self, sku: SkuId, location: LocationId) -> StockLevel {
        let of_sku = self.of(sku);
        find(of_sku, location).map_or_else(|_| StockLevel::default(), |at| of_sku[at].1)
    }

    /// None where nobody has noted anything.
    pub fn get_mut(&mut self, sku: SkuId, location: LocationId) -> Option<&mut StockLevel> {
        let of_sku = self.0.get_mut(&sku)?;
        let at = find(of_sku, location).ok()?;
        Some(&mut of_sku[at].1)
    }

    /// The level to note something in; nothing so far where it is new.
    pub fn entry(&mut self, sku: SkuId, location: LocationId) -> &mut StockLevel {
        let of_sku = self.0.entry(sku).or_default();
        let at = find(of_sku, location).unwrap_or_else(|at| {
            of_sku.insert(at, (location, StockLevel::default()));
            at
        });
        &mut of_sku[at].1
    }

    /// Where a SKU stands or is owed, in the order of the locations' ids.
    pub fn of(&self, sku: SkuId) -> &[(LocationId, StockLevel)] {
        self.0.get(&sku).map_or(&[], Vec::as_slice)
    }

    pub fn of_mut(&mut self, sku: SkuId) -> impl Iterator<Item = &mut StockLevel> {
        self.0.get_mut(&sku).into_iter().flatten().map(|(_, level)| level)
    }

    /// All of them, by SKU and then by location.
    pub fn iter(&self) -> impl Iterator<Item = (SkuId, LocationId, StockLevel)> {
        self.0.iter().flat_map(|(sku, places)| places.iter().map(|(location, level)| (*sku, *location, *level)))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (SkuId, LocationId, &mut StockLevel)> {
        self.0.iter_mut().flat_map(|(sku, places)| places.iter_mut().map(|(location, level)| (*sku, *location, level)))
    }
}

impl Extend<(SkuId, LocationId, StockLevel)> for Levels {
    fn extend<T: IntoIterator<Item = (SkuId, LocationId, StockLevel)>>(&mut self, levels: T) {
        let mut levels: Vec<(SkuId, LocationId, StockLevel)> = levels.into_iter().collect();
        // In order, each new one is put behind those before it.
        levels.sort_by_key(|(sku, location, _)| (*sku, *location));
        for (sku, location, level) in levels {
            *self.entry(sku, location) = level;
        }
    }
}

impl FromIterator<(SkuId, LocationId, StockLevel)> for Levels {
    fn from_iter<T: IntoIterator<Item = (SkuId, LocationId, StockLevel)>>(levels: T) -> Self {
        let mut all = Self::default();
        all.extend(levels);
        all
    }
}

fn find(of_sku: &[(LocationId, StockLevel)], location: LocationId) -> Result<usize, usize> {
    of_sku.binary_search_by_key(&location, |(there, _)| *there)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_was_noted_in_any_order_is_found_and_told_in_one() {
        let (sku, place) = (|n| SkuId(Uuid::from_u128(n)), |n| LocationId(Uuid::from_u128(n)));
        let level = |on_hand| StockLevel { on_hand, ..StockLevel::default() };
        let mut levels: Levels =
            [(2, 9, 1), (1, 5, 2), (2, 3, 3), (1, 5, 4)].map(|(s, l, units)| (sku(s), place(l), level(units))).into_iter().collect();
        levels.entry(sku(2), place(4)).reserved += 1;
        let told: Vec<(u128, u128, i32)> = levels.iter().map(|(s, l, level)| (s.0.as_u128(), l.0.as_u128(), level.on_hand)).collect();
        assert_eq!(told, [(1, 5, 4), (2, 3, 3), (2, 4, 0), (2, 9, 1)]);
        assert_eq!((levels.get(sku(2), place(9)), levels.get(sku(3), place(9))), (level(1), StockLevel::default()));
        assert!(levels.get_mut(sku(1), place(9)).is_none() && levels.of(sku(3)).is_empty());
    }
}
