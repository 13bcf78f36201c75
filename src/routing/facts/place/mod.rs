//! What can be asked about a location, and what locations are ranked by.

use super::{Fact, OfPlace};

facts! { Fact<OfPlace>:
    location, kind, group, tag, attribute, same_attribute, country, same_country, distance, zone, service, open_now, leaves_today,
    opens_in, lateness, days_to_customer, capacity_left, load_today, rejected_days_ago, refusal_rate, work_this_week, has_everything, coverage,
    stock, left_after, days_of_cover, overstock, markdown_risk, stock_age, priority, handling_time, shipping_cost, handling_cost, total_cost,
    carbon, kept_back, offers_pickup,
}
