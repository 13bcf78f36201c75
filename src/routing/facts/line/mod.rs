//! What can be asked about a line of an order.

use super::{Fact, OfLine};

facts! { Fact<OfLine>:
    sku, category, brand, tag, handling, quantity, unit_weight, longest_side, amount, queue,
}
