//! Zones: parts of the world that delivery takes equally long to, or costs the same.

use super::{Destination, bare_postcode};
use serde::{Deserialize, Serialize};

/// Which zone a destination is in. Carriers cut the world differently, so there may be several maps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ZoneMap {
    pub name: String,
    /// The most particular that fits counts: the longest postcode prefix, then one that names the destination's country, then one that names the
    /// country it is sent from.
    pub places: Vec<ZonePlace>,
}

/// One entry of a map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ZonePlace {
    pub zone: String,
    /// ISO 3166-1 alpha-2; empty is any.
    pub from: String,
    /// ISO 3166-1 alpha-2; empty is any.
    pub to: String,
    /// The beginning of the postcode: a whole outward part such as `IV`, or any digits. Empty is any.
    pub postcode: String,
}

impl ZonePlace {
    fn fits(&self, to: &Destination<'_>, bare: &str) -> bool {
        (self.to.is_empty() || self.to == to.country) && begins(bare, &bare_postcode(&self.postcode))
    }

    fn rank(&self) -> (usize, bool, bool) {
        (self.postcode.len(), !self.to.is_empty(), !self.from.is_empty())
    }
}

/// True where a postcode begins with a prefix. A prefix of letters is a whole area: `B` is Birmingham, not Bristol (`BS`).
pub(super) fn begins(bare: &str, prefix: &str) -> bool {
    let is_area = prefix.bytes().all(|b| b.is_ascii_alphabetic()) && !prefix.is_empty();
    bare.strip_prefix(prefix).is_some_and(|rest| !is_area || !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

impl ZoneMap {
    /// The zone of a destination, seen from a country; none where it is on no place of the map.
    pub fn zone(&self, from: &str, to: &Destination<'_>) -> Option<&str> {
        zone_among(&self.reaching(to), from)
    }

    /// The places that a destination is on, the most particular first: asked once for many senders.
    pub fn reaching(&self, to: &Destination<'_>) -> Vec<&ZonePlace> {
        let bare = bare_postcode(to.postcode);
        let mut places: Vec<&ZonePlace> = self.places.iter().filter(|p| p.fits(to, &bare)).collect();
        places.sort_by_key(|p| std::cmp::Reverse(p.rank()));
        places
    }

    /// The names of its zones, each once.
    pub fn zones(&self) -> Vec<&str> {
        let mut zones: Vec<&str> = Vec::new();
        for place in &self.places {
            if !zones.contains(&place.zone.as_str()) {
                zones.push(&place.zone);
            }
        }
        zones
    }
}

/// The zone that a sender's country sees, of the places of [`ZoneMap::reaching`].
pub fn zone_among<'a>(places: &[&'a ZonePlace], from: &str) -> Option<&'a str> {
    places.iter().find(|p| p.from.is_empty() || p.from == from).map(|p| p.zone.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::locate;

    fn map() -> ZoneMap {
        let place = |zone: &str, from: &str, to: &str, postcode: &str| ZonePlace {
            zone: zone.into(),
            from: from.into(),
            to: to.into(),
            postcode: postcode.into(),
        };
        ZoneMap {
            name: "All".into(),
            places: vec![
                place("world", "", "", ""),
                place("home", "GB", "GB", ""),
                place("highlands", "GB", "GB", "IV"),
                place("birmingham", "GB", "GB", "B"),
                place("canaries", "", "ES", "35"),
                place("europe", "", "ES", ""),
            ],
        }
    }

    fn zone_of(from: &str, country: &str, postcode: &str) -> Option<String> {
        let to = Destination { country, postcode, point: locate(country, postcode).unwrap() };
        map().zone(from, &to).map(str::to_owned)
    }

    #[test]
    fn the_most_particular_counts() {
        assert_eq!(zone_of("GB", "GB", "iv2 3xx").as_deref(), Some("highlands"));
        assert_eq!(zone_of("GB", "GB", "LS1 4AP").as_deref(), Some("home"));
        assert_eq!(zone_of("GB", "GB", "B2 4QA").as_deref(), Some("birmingham"));
        assert_eq!(zone_of("GB", "GB", "BS1 3BX").as_deref(), Some("home"), "an area is a whole one");
        assert_eq!(zone_of("DE", "GB", "LS1 4AP").as_deref(), Some("world"));
        assert_eq!(zone_of("DE", "ES", "35001").as_deref(), Some("canaries"));
        assert_eq!(zone_of("DE", "ES", "28001").as_deref(), Some("europe"));
        assert_eq!(ZoneMap::default().zone("GB", &Destination { country: "GB", postcode: "", point: locate("GB", "").unwrap() }), None);
    }
}
