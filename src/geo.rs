//! Where things are: countries, distances, and the zones that delivery prices use.

use crate::refusal::FieldProblem;
use serde::{Deserialize, Serialize};

/// A point on the globe in degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeoPoint {
    pub latitude: f64,
    pub longitude: f64,
}

/// Mean Earth radius in kilometres (IUGG).
const EARTH_RADIUS_KM: f64 = 6_371.008_8;

impl GeoPoint {
    /// Great-circle distance in kilometres (within 0.5 % of the ellipsoid).
    pub fn distance_km(self, other: Self) -> f64 {
        self.bearing().distance_km(other.bearing())
    }

    /// The same point for whoever measures from it more than once.
    pub fn bearing(self) -> Bearing {
        let (sin_latitude, cos_latitude) = self.latitude.to_radians().sin_cos();
        let (sin_longitude, cos_longitude) = self.longitude.to_radians().sin_cos();
        Bearing([cos_latitude * cos_longitude, cos_latitude * sin_longitude, sin_latitude])
    }
}

/// Where a point is as seen from the middle of the globe: a vector of length one. Its angles are worked out once, however often it is measured from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bearing([f64; 3]);

impl Bearing {
    /// Great-circle distance in kilometres, from the chord between the two: as exact for neighbours as it is for others.
    pub fn distance_km(self, other: Self) -> f64 {
        let [x, y, z] = [self.0[0] - other.0[0], self.0[1] - other.0[1], self.0[2] - other.0[2]];
        let half_chord = (x * x + y * y + z * z).sqrt() / 2.0;
        2.0 * EARTH_RADIUS_KM * half_chord.min(1.0).asin()
    }
}

text_enum! {
    /// Delivery zone of a destination, seen from the selling company's country.
    pub enum Zone {
        Domestic = "domestic",
        Europe = "europe",
        World = "world",
    }
}

/// A country that orders can be sent to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Country {
    /// ISO 3166-1 alpha-2.
    pub code: &'static str,
    pub name: &'static str,
    pub europe: bool,
    /// Its largest city: where an address is placed that names the country alone.
    pub largest_city: &'static str,
    /// The clocks of that city.
    pub time_zone: chrono_tz::Tz,
    pub point: GeoPoint,
    /// The shapes its postcodes have, without spaces and hyphens: `0` a digit, `A` a letter, `*` either. Empty where it uses none.
    pub postcodes: &'static [&'static str],
}

const fn country(
    code: &'static str,
    name: &'static str,
    europe: bool,
    largest_city: &'static str,
    time_zone: chrono_tz::Tz,
    latitude: f64,
    longitude: f64,
    postcodes: &'static [&'static str],
) -> Country {
    Country { code, name, europe, largest_city, time_zone, point: GeoPoint { latitude, longitude }, postcodes }
}

/// The country of a place that somebody named, the postcode being left out or one of the country's; or what to do.
pub fn place(country: &str, postcode: &str) -> Result<&'static Country, FieldProblem> {
    let problem = |field: &str, message: String| FieldProblem { field: field.to_owned(), message };
    let known = country_by_code(country).ok_or_else(|| problem("/country", "Choose a country.".to_owned()))?;
    if !postcode.trim().is_empty() && !known.has_postcode(postcode.trim()) {
        return Err(problem("/postcode", format!("This is no postcode of {}. Check it, or leave it empty.", known.name)));
    }
    Ok(known)
}

impl Country {
    /// True where a postcode has one of the country's shapes, or the country has none. Spaces and hyphens do not count.
    pub fn has_postcode(&self, postcode: &str) -> bool {
        let compact: Vec<u8> = postcode.bytes().filter(|b| !matches!(b, b' ' | b'-')).collect();
        let fits = |shape: &str| {
            shape.len() == compact.len()
                && shape.bytes().zip(&compact).all(|(wanted, found)| match wanted {
                    b'0' => found.is_ascii_digit(),
                    b'A' => found.is_ascii_alphabetic(),
                    _ => found.is_ascii_alphanumeric(),
                })
        };
        let exists = self.code != "GB" || british_area(postcode).is_some();
        self.postcodes.is_empty() || (exists && self.postcodes.iter().any(|shape| fits(shape)))
    }
}

/// Sorted by name. Cities and coordinates: GeoNames (CC BY 4.0). Postcodes: Universal Postal Union, postal addressing systems.
pub const COUNTRIES: &[Country] = &[
    country("AU", "Australia", false, "Sydney", chrono_tz::Australia::Sydney, -33.8679, 151.2073, &["0000"]),
    country("AT", "Austria", true, "Vienna", chrono_tz::Europe::Vienna, 48.2085, 16.3721, &["0000"]),
    country("BH", "Bahrain", false, "Manama", chrono_tz::Asia::Bahrain, 26.2279, 50.5857, &[]),
    country("BE", "Belgium", true, "Brussels", chrono_tz::Europe::Brussels, 50.8505, 4.3488, &["0000"]),
    country("BR", "Brazil", false, "São Paulo", chrono_tz::America::Sao_Paulo, -23.5475, -46.6361, &["00000000"]),
    country("CA", "Canada", false, "Toronto", chrono_tz::America::Toronto, 43.7064, -79.3986, &["A0A0A0"]),
    country("CY", "Cyprus", true, "Nicosia", chrono_tz::Asia::Nicosia, 35.1753, 33.3642, &["0000"]),
    country("CZ", "Czechia", true, "Prague", chrono_tz::Europe::Prague, 50.088, 14.4208, &["00000"]),
    country("DK", "Denmark", true, "Copenhagen", chrono_tz::Europe::Copenhagen, 55.6759, 12.5655, &["0000"]),
    country("FI", "Finland", true, "Helsinki", chrono_tz::Europe::Helsinki, 60.1695, 24.9354, &["00000"]),
    country("FR", "France", true, "Paris", chrono_tz::Europe::Paris, 48.8534, 2.3488, &["00000"]),
    country("DE", "Germany", true, "Berlin", chrono_tz::Europe::Berlin, 52.5244, 13.4105, &["00000"]),
    country("GI", "Gibraltar", true, "Gibraltar", chrono_tz::Europe::Gibraltar, 36.1447, -5.3526, &["AA000AA"]),
    country("GR", "Greece", true, "Athens", chrono_tz::Europe::Athens, 37.9838, 23.7278, &["00000"]),
    country("GG", "Guernsey", true, "Saint Peter Port", chrono_tz::Europe::Guernsey, 49.4598, -2.5353, &["AA00AA", "AA000AA"]),
    country("HK", "Hong Kong", false, "Hong Kong", chrono_tz::Asia::Hong_Kong, 22.2783, 114.1747, &[]),
    country("IS", "Iceland", true, "Reykjavík", chrono_tz::Atlantic::Reykjavik, 64.1355, -21.8954, &["000"]),
    country("IE", "Ireland", true, "Dublin", chrono_tz::Europe::Dublin, 53.3331, -6.2489, &["A00****", "A0A****"]),
    country("IL", "Israel", false, "Jerusalem", chrono_tz::Asia::Jerusalem, 31.769, 35.2163, &["0000000"]),
    country("IT", "Italy", true, "Rome", chrono_tz::Europe::Rome, 41.8919, 12.5113, &["00000"]),
    country("JP", "Japan", false, "Tokyo", chrono_tz::Asia::Tokyo, 35.6895, 139.6917, &["0000000"]),
    country("JE", "Jersey", true, "Saint Helier", chrono_tz::Europe::Jersey, 49.1880, -2.1049, &["AA00AA", "AA000AA"]),
    country("LB", "Lebanon", false, "Beirut", chrono_tz::Asia::Beirut, 33.8933, 35.5016, &[]),
    country("LT", "Lithuania", true, "Vilnius", chrono_tz::Europe::Vilnius, 54.6892, 25.2798, &["00000", "AA00000"]),
    country("MT", "Malta", true, "Birkirkara", chrono_tz::Europe::Malta, 35.8972, 14.4611, &["AAA0000"]),
    country("NL", "Netherlands", true, "Amsterdam", chrono_tz::Europe::Amsterdam, 52.374, 4.8897, &["0000AA"]),
    country("NO", "Norway", true, "Oslo", chrono_tz::Europe::Oslo, 59.9127, 10.7461, &["0000"]),
    country("PL", "Poland", true, "Warsaw", chrono_tz::Europe::Warsaw, 52.2298, 21.0118, &["00000"]),
    country("PT", "Portugal", true, "Lisbon", chrono_tz::Europe::Lisbon, 38.7251, -9.1498, &["0000000"]),
    country("SA", "Saudi Arabia", false, "Riyadh", chrono_tz::Asia::Riyadh, 24.6877, 46.7219, &["00000"]),
    country("SG", "Singapore", false, "Singapore", chrono_tz::Asia::Singapore, 1.2897, 103.8501, &["000000"]),
    country("ZA", "South Africa", false, "Cape Town", chrono_tz::Africa::Johannesburg, -33.9258, 18.4232, &["0000"]),
    country("ES", "Spain", true, "Madrid", chrono_tz::Europe::Madrid, 40.4165, -3.7026, &["00000"]),
    country("SE", "Sweden", true, "Stockholm", chrono_tz::Europe::Stockholm, 59.3294, 18.0687, &["00000"]),
    country("CH", "Switzerland", true, "Zürich", chrono_tz::Europe::Zurich, 47.3667, 8.55, &["0000"]),
    country("AE", "United Arab Emirates", false, "Dubai", chrono_tz::Asia::Dubai, 25.0657, 55.1713, &[]),
    country(
        "GB",
        "United Kingdom",
        true,
        "London",
        chrono_tz::Europe::London,
        51.5085,
        -0.1257,
        &["A00AA", "A000AA", "AA00AA", "AA000AA", "A0A0AA", "AA0A0AA"],
    ),
    country("US", "United States", false, "New York", chrono_tz::America::New_York, 40.7143, -74.006, &["00000", "000000000"]),
];

/// Finds a country by its ISO 3166-1 alpha-2 code.
pub fn country_by_code(code: &str) -> Option<&'static Country> {
    COUNTRIES.iter().find(|c| c.code == code)
}

/// The zone of `destination` for a company in `home` (both ISO 3166-1 alpha-2).
pub fn zone(home: &str, destination: &str) -> Zone {
    if home == destination {
        Zone::Domestic
    } else if country_by_code(destination).is_some_and(|c| c.europe) {
        Zone::Europe
    } else {
        Zone::World
    }
}

/// A British city: its postcode area stands for every address in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct City {
    pub name: &'static str,
    pub postcode_area: &'static str,
    /// Rounded, for drawing addresses in proportion.
    pub population: u32,
    pub point: GeoPoint,
}

const fn city(name: &'static str, postcode_area: &'static str, population: u32, latitude: f64, longitude: f64) -> City {
    City { name, postcode_area, population, point: GeoPoint { latitude, longitude } }
}

/// The 60 largest British cities and towns. Names, coordinates and populations: GeoNames (CC BY 4.0), rounded.
pub const BRITISH_CITIES: &[City] = &[
    city("London", "EC", 8_961_989, 51.5085, -0.1257),
    city("Birmingham", "B", 1_144_919, 52.4814, -1.8998),
    city("Liverpool", "L", 864_122, 53.4106, -2.9779),
    city("Nottingham", "NG", 729_977, 52.9536, -1.1505),
    city("Sheffield", "S", 685_368, 53.383, -1.4659),
    city("Bristol", "BS", 617_280, 51.4552, -2.5966),
    city("Glasgow", "G", 591_620, 55.8652, -4.2576),
    city("Leicester", "LE", 508_916, 52.6386, -1.1317),
    city("Edinburgh", "EH", 464_990, 55.9521, -3.1965),
    city("Leeds", "LS", 455_123, 53.7965, -1.5478),
    city("Cardiff", "CF", 447_287, 51.48, -3.18),
    city("Manchester", "M", 395_515, 53.4809, -2.2374),
    city("Stoke-on-Trent", "ST", 372_775, 53.0042, -2.1854),
    city("Coventry", "CV", 359_262, 52.4066, -1.5122),
    city("Sunderland", "SR", 335_415, 54.9047, -1.3822),
    city("Brentwood", "CM", 327_910, 51.6213, 0.3056),
    city("Birkenhead", "CH", 325_264, 53.3934, -3.0148),
    city("Islington", "N", 319_143, 51.5362, -0.103),
    city("Reading", "RG", 318_014, 51.4563, -0.9711),
    city("Kingston upon Hull", "HU", 314_018, 53.7446, -0.3353),
    city("Preston", "PR", 313_332, 53.7628, -2.7045),
    city("Newport", "NP", 306_844, 51.5877, -2.9984),
    city("Swansea", "SA", 300_352, 51.6208, -3.9432),
    city("Bradford", "BD", 299_310, 53.7939, -1.7521),
    city("Southend-on-Sea", "SS", 295_310, 51.5378, 0.7143),
    city("Belfast", "BT", 274_770, 54.5968, -5.9254),
    city("Derby", "DE", 270_468, 52.9228, -1.4766),
    city("Plymouth", "PL", 260_203, 50.3715, -4.143),
    city("Luton", "LU", 258_018, 51.8797, -0.4175),
    city("Wolverhampton", "WV", 252_791, 52.5855, -2.123),
    city("Southampton", "SO", 246_201, 50.904, -1.4043),
    city("Blackpool", "FY", 239_409, 53.8167, -3.0505),
    city("Milton Keynes", "MK", 229_941, 52.0417, -0.7558),
    city("Norwich", "NR", 213_166, 52.6278, 1.2983),
    city("Bournemouth", "BH", 198_727, 50.7205, -1.8795),
    city("Portsmouth", "PO", 194_150, 50.7989, -1.0912),
    city("Newcastle upon Tyne", "NE", 192_382, 54.9733, -1.614),
    city("Aberdeen", "AB", 196_670, 57.1437, -2.0981),
    city("Northampton", "NN", 191_800, 52.25, -0.8833),
    city("Swindon", "SN", 182_441, 51.5580, -1.7812),
    city("Peterborough", "PE", 179_349, 52.5736, -0.2478),
    city("Warrington", "WA", 178_667, 53.3926, -2.5805),
    city("Oxford", "OX", 171_380, 51.7522, -1.256),
    city("Huddersfield", "HD", 162_949, 53.6490, -1.7844),
    city("Slough", "SL", 163_777, 51.5095, -0.5954),
    city("York", "YO", 153_717, 53.9576, -1.0827),
    city("Poole", "DT", 150_109, 50.7143, -1.9872),
    city("Cambridge", "CB", 158_434, 52.2, 0.1167),
    city("Dundee", "DD", 151_592, 56.4691, -2.9749),
    city("Ipswich", "IP", 144_957, 52.0592, 1.1555),
    city("Telford", "TF", 142_723, 52.6766, -2.4493),
    city("Gloucester", "GL", 136_362, 51.8657, -2.2431),
    city("Sale", "WN", 134_022, 53.4252, -2.3244),
    city("Middlesbrough", "TS", 142_707, 54.5762, -1.2348),
    city("Watford", "WD", 125_707, 51.6553, -0.3960),
    city("Blackburn", "BB", 117_963, 53.7500, -2.4833),
    city("Exeter", "EX", 117_763, 50.7236, -3.5275),
    city("Colchester", "CO", 119_441, 51.8892, 0.9042),
    city("Cheltenham", "WR", 116_447, 51.9001, -2.0797),
    city("Lincoln", "LN", 100_049, 53.2268, -0.5379),
];

/// The other British postcode areas: latitude and longitude of their post town, to a hundredth of a degree or so.
const OTHER_BRITISH_AREAS: &[(&str, f64, f64)] = &[
    ("AL", 51.75, -0.34),
    ("BA", 51.38, -2.36),
    ("BL", 53.58, -2.43),
    ("BN", 50.83, -0.14),
    ("BR", 51.41, 0.02),
    ("CA", 54.89, -2.93),
    ("CR", 51.37, -0.1),
    ("CT", 51.28, 1.08),
    ("CW", 53.1, -2.44),
    ("DA", 51.45, 0.22),
    ("DG", 55.07, -3.61),
    ("DH", 54.78, -1.58),
    ("DL", 54.52, -1.55),
    ("DN", 53.52, -1.13),
    ("DY", 52.51, -2.08),
    ("E", 51.53, -0.03),
    ("EN", 51.65, -0.08),
    ("FK", 56.0, -3.78),
    ("GU", 51.24, -0.57),
    ("HA", 51.58, -0.33),
    ("HG", 53.99, -1.54),
    ("HP", 51.75, -0.47),
    ("HR", 52.06, -2.72),
    ("HS", 58.21, -6.39),
    ("HX", 53.72, -1.86),
    ("IG", 51.56, 0.07),
    ("IV", 57.48, -4.22),
    ("KA", 55.61, -4.5),
    ("KT", 51.41, -0.3),
    ("KW", 58.98, -2.96),
    ("KY", 56.11, -3.16),
    ("LA", 54.05, -2.8),
    ("LD", 52.24, -3.38),
    ("LL", 53.32, -3.83),
    ("ME", 51.39, 0.51),
    ("ML", 55.79, -3.99),
    ("NW", 51.55, -0.18),
    ("OL", 53.54, -2.12),
    ("PA", 55.85, -4.42),
    ("PH", 56.4, -3.43),
    ("RH", 51.24, -0.17),
    ("RM", 51.58, 0.18),
    ("SE", 51.48, -0.05),
    ("SG", 51.9, -0.2),
    ("SK", 53.41, -2.16),
    ("SM", 51.36, -0.19),
    ("SP", 51.07, -1.8),
    ("SW", 51.46, -0.17),
    ("SY", 52.71, -2.75),
    ("TA", 51.02, -3.1),
    ("TD", 55.62, -2.81),
    ("TN", 51.2, 0.27),
    ("TQ", 50.46, -3.53),
    ("TR", 50.26, -5.05),
    ("TW", 51.45, -0.34),
    ("UB", 51.51, -0.38),
    ("W", 51.51, -0.19),
    ("WC", 51.52, -0.12),
    ("WF", 53.68, -1.5),
    ("WS", 52.59, -1.98),
    ("ZE", 60.15, -1.14),
];

/// Where a British postcode's area is; none where there is no such area.
fn british_area(postcode: &str) -> Option<GeoPoint> {
    let area: String = postcode.trim().chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase();
    let city = BRITISH_CITIES.iter().find(|c| c.postcode_area == area).map(|c| c.point);
    city.or_else(|| OTHER_BRITISH_AREAS.iter().find(|a| a.0 == area).map(|a| GeoPoint { latitude: a.1, longitude: a.2 }))
}

/// The best known point of an address: a British postcode's area, else the country's largest city.
pub fn locate(country: &str, postcode: &str) -> Option<GeoPoint> {
    let found = country_by_code(country)?;
    let area = if country == "GB" { british_area(postcode) } else { None };
    Some(area.unwrap_or(found.point))
}

/// True where an address is placed by its postcode, not by its country alone.
pub fn is_placed(country: &str, postcode: &str) -> bool {
    country == "GB" && british_area(postcode).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn london_to_leeds() {
        let km = BRITISH_CITIES[0].point.distance_km(BRITISH_CITIES[9].point);
        assert!((270.0..275.0).contains(&km), "{km}");
    }

    #[test]
    fn antipodes_are_half_the_way_round() {
        let km = GeoPoint { latitude: 0.0, longitude: 0.0 }.distance_km(GeoPoint { latitude: 0.0, longitude: 180.0 });
        assert!((km - 20_015.1).abs() < 1.0, "{km}");
    }

    #[test]
    fn addresses_are_placed_by_postcode_then_country() {
        assert_eq!(locate("GB", "LS1 4AP"), Some(BRITISH_CITIES[9].point));
        assert_eq!(locate("GB", "?"), country_by_code("GB").map(|c| c.point));
        assert_eq!(locate("ES", "28001"), country_by_code("ES").map(|c| c.point));
        assert_eq!(locate("XX", ""), None);
    }

    #[test]
    fn postcodes_have_their_countrys_shape() {
        let fits = |country: &str, postcode: &str| country_by_code(country).unwrap().has_postcode(postcode);
        for (country, postcode) in [
            ("GB", "LS1 4AP"),
            ("GB", "EC1A1BB"),
            ("GB", "M1 1AE"),
            ("GB", "W1A 0AX"),
            ("GB", "TR1 2HE"),
            ("DE", "10115"),
            ("IE", "D02 AF30"),
            ("IE", "D6W XY00"),
            ("US", "10001-1234"),
            ("PT", "1000-001"),
            ("NL", "1012 AB"),
            ("HK", ""),
        ] {
            assert!(fits(country, postcode), "{country} {postcode}");
        }
        for (country, postcode) in [
            ("GB", ""),
            ("GB", "LS1"),
            ("GB", "12345"),
            ("GB", "LS14APX1"),
            ("GB", "1S1 4AP"),
            ("GB", "ZZ1 1AA"),
            ("DE", "LS1 4AP"),
            ("US", "1000"),
            ("FR", ""),
        ] {
            assert!(!fits(country, postcode), "{country} {postcode}");
        }
    }

    #[test]
    fn every_british_area_once() {
        let areas: std::collections::BTreeSet<_> =
            BRITISH_CITIES.iter().map(|c| c.postcode_area).chain(OTHER_BRITISH_AREAS.iter().map(|a| a.0)).collect();
        // Royal Mail's 124, less Guernsey, Jersey and the Isle of Man.
        assert_eq!((areas.len(), BRITISH_CITIES.len() + OTHER_BRITISH_AREAS.len()), (121, 121));
    }

    #[test]
    fn sixty_cities_each_with_an_area_of_its_own() {
        let areas: std::collections::BTreeSet<_> = BRITISH_CITIES.iter().map(|c| c.postcode_area).collect();
        assert_eq!((BRITISH_CITIES.len(), areas.len()), (60, 60));
    }
}
