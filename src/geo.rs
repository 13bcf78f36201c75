//! Where things are: countries, distances, and the zones that delivery prices use.

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
    /// Great-circle distance in kilometres (haversine; within 0.5 % of the ellipsoid).
    pub fn distance_km(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_lat = ((lat2 - lat1) / 2.0).sin();
        let half_lon = ((other.longitude - self.longitude).to_radians() / 2.0).sin();
        let a = half_lat * half_lat + lat1.cos() * lat2.cos() * half_lon * half_lon;
        2.0 * EARTH_RADIUS_KM * a.sqrt().min(1.0).asin()
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
    pub point: GeoPoint,
}

const fn country(code: &'static str, name: &'static str, europe: bool, largest_city: &'static str, latitude: f64, longitude: f64) -> Country {
    Country { code, name, europe, largest_city, point: GeoPoint { latitude, longitude } }
}

/// Sorted by name. Cities and coordinates: GeoNames (CC BY 4.0).
pub const COUNTRIES: &[Country] = &[
    country("AU", "Australia", false, "Sydney", -33.8679, 151.2073),
    country("AT", "Austria", true, "Vienna", 48.2085, 16.3721),
    country("BH", "Bahrain", false, "Manama", 26.2279, 50.5857),
    country("BE", "Belgium", true, "Brussels", 50.8505, 4.3488),
    country("BR", "Brazil", false, "São Paulo", -23.5475, -46.6361),
    country("CA", "Canada", false, "Toronto", 43.7064, -79.3986),
    country("CY", "Cyprus", true, "Nicosia", 35.1753, 33.3642),
    country("CZ", "Czechia", true, "Prague", 50.088, 14.4208),
    country("DK", "Denmark", true, "Copenhagen", 55.6759, 12.5655),
    country("FI", "Finland", true, "Helsinki", 60.1695, 24.9354),
    country("FR", "France", true, "Paris", 48.8534, 2.3488),
    country("DE", "Germany", true, "Berlin", 52.5244, 13.4105),
    country("GI", "Gibraltar", true, "Gibraltar", 36.1447, -5.3526),
    country("GR", "Greece", true, "Athens", 37.9838, 23.7278),
    country("GG", "Guernsey", true, "Saint Peter Port", 49.4598, -2.5353),
    country("HK", "Hong Kong", false, "Hong Kong", 22.2783, 114.1747),
    country("IS", "Iceland", true, "Reykjavík", 64.1355, -21.8954),
    country("IE", "Ireland", true, "Dublin", 53.3331, -6.2489),
    country("IL", "Israel", false, "Jerusalem", 31.769, 35.2163),
    country("IT", "Italy", true, "Rome", 41.8919, 12.5113),
    country("JP", "Japan", false, "Tokyo", 35.6895, 139.6917),
    country("JE", "Jersey", true, "Saint Helier", 49.1880, -2.1049),
    country("LB", "Lebanon", false, "Beirut", 33.8933, 35.5016),
    country("LT", "Lithuania", true, "Vilnius", 54.6892, 25.2798),
    country("MT", "Malta", true, "Birkirkara", 35.8972, 14.4611),
    country("NL", "Netherlands", true, "Amsterdam", 52.374, 4.8897),
    country("NO", "Norway", true, "Oslo", 59.9127, 10.7461),
    country("PL", "Poland", true, "Warsaw", 52.2298, 21.0118),
    country("PT", "Portugal", true, "Lisbon", 38.7251, -9.1498),
    country("SA", "Saudi Arabia", false, "Riyadh", 24.6877, 46.7219),
    country("SG", "Singapore", false, "Singapore", 1.2897, 103.8501),
    country("ZA", "South Africa", false, "Cape Town", -33.9258, 18.4232),
    country("ES", "Spain", true, "Madrid", 40.4165, -3.7026),
    country("SE", "Sweden", true, "Stockholm", 59.3294, 18.0687),
    country("CH", "Switzerland", true, "Zürich", 47.3667, 8.55),
    country("AE", "United Arab Emirates", false, "Dubai", 25.0657, 55.1713),
    country("GB", "United Kingdom", true, "London", 51.5085, -0.1257),
    country("US", "United States", false, "New York", 40.7143, -74.006),
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

/// The best known point of an address: a British postcode's area, else the country's largest city.
pub fn locate(country: &str, postcode: &str) -> Option<GeoPoint> {
    let found = country_by_code(country)?;
    if country == "GB" {
        let area: String = postcode.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase();
        if let Some(city) = BRITISH_CITIES.iter().find(|c| c.postcode_area == area) {
            return Some(city.point);
        }
    }
    Some(found.point)
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
    fn sixty_cities_each_with_an_area_of_its_own() {
        let areas: std::collections::BTreeSet<_> = BRITISH_CITIES.iter().map(|c| c.postcode_area).collect();
        assert_eq!((BRITISH_CITIES.len(), areas.len()), (60, 60));
    }
}
