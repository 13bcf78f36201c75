//! A purchase order on paper.

use super::sheet::{MARGIN, Sheet, WIDTH, Weight};
use waybill::money::grouped;
use waybill::purchasing::views::{PurchaseDetail, PurchaseLineView};

const RIGHT: f32 = WIDTH - MARGIN;
/// Where the columns of the table are; numbers end there.
const NAME: f32 = MARGIN + 150.0;
const UNITS: f32 = RIGHT - 150.0;
const COST: f32 = RIGHT - 80.0;
const TEXT: f32 = 9.5;
const LINE: f32 = 13.5;

/// Draws a purchase order of the company to its supplier.
pub fn draw(order: &PurchaseDetail) -> Vec<u8> {
    let mut sheet = Sheet::new();
    sheet.barcode_to(RIGHT, 34.0, &order.number);
    sheet.text(MARGIN, Weight::Semibold, 11.0, &order.buyer);
    sheet.y += 20.0;
    sheet.text(MARGIN, Weight::Semibold, 22.0, &format!("Purchase order {}", order.number));
    sheet.y += 42.0;
    heads(&mut sheet, order);
    let note = Weight::Regular.wrap(&order.note, TEXT, WIDTH - 2.0 * MARGIN);
    for line in note.iter().filter(|_| !order.note.is_empty()) {
        sheet.text(MARGIN, Weight::Regular, TEXT, line);
        sheet.y += LINE;
    }
    for line in wishes(order).iter().flat_map(|w| Weight::Semibold.wrap(w, TEXT, WIDTH - 2.0 * MARGIN)) {
        sheet.turn(LINE);
        sheet.text(MARGIN, Weight::Semibold, TEXT, &line);
        sheet.y += LINE;
    }
    sheet.y += 10.0;
    column_heads(&mut sheet, order.total.is_some());
    for line in order.lines.iter().filter(|l| l.ordered > 0) {
        let name = Weight::Regular.wrap(&line.name, TEXT, UNITS - NAME - 50.0);
        let height = LINE * (name.len().max(if line.supplier_code.is_empty() { 1 } else { 2 })) as f32 + 6.0;
        if sheet.turn(height) {
            column_heads(&mut sheet, order.total.is_some());
        }
        row(&mut sheet, line, &name);
        sheet.y += height;
    }
    if let Some(total) = order.total {
        sheet.turn(30.0);
        sheet.rule();
        sheet.y += 8.0;
        sheet.text(NAME, Weight::Semibold, 11.0, "Total without tax");
        sheet.text_to(RIGHT, Weight::Semibold, 11.0, &total.to_string());
    }
    sheet.finish(&order.number)
}

/// What our customer wants done, and what is written on the card.
fn wishes(order: &PurchaseDetail) -> Vec<String> {
    let lines = order.wishes.iter().filter_map(|w| Some(format!("{} × {}: {}", w.quantity, w.sku, w.wish.words()?)));
    lines.chain(order.gift_message.iter().map(|text| format!("Please put in a card: “{text}”"))).collect()
}

/// Who sends it, to whom, and what is agreed, side by side.
fn heads(sheet: &mut Sheet, order: &PurchaseDetail) {
    let supplier: Vec<String> = std::iter::once(order.supplier.name.clone())
        .chain(order.supplier.address.lines().map(str::to_owned))
        .chain([order.supplier.email.clone()])
        .collect();
    let mut terms = vec![format!("State: {}", order.state.label().to_lowercase())];
    terms.extend(order.expected_on.map(|day| format!("Expected on {}", day.format("%-d %B %Y"))));
    terms.extend(order.order_number.as_ref().map(|number| format!("For our customer's order {number}")));
    let top = sheet.y;
    let mut lowest = top;
    for (x, head, lines) in
        [(MARGIN, "Supplier", supplier), (MARGIN + 175.0, "Deliver to", order.deliver_to.clone()), (MARGIN + 350.0, "Order", terms)]
    {
        sheet.y = top;
        sheet.text(x, Weight::Semibold, TEXT, head);
        for line in lines.iter().flat_map(|l| Weight::Regular.wrap(l, TEXT, 160.0)) {
            sheet.y += LINE;
            sheet.text(x, Weight::Regular, TEXT, &line);
        }
        lowest = lowest.max(sheet.y);
    }
    sheet.y = lowest + 28.0;
}

fn column_heads(sheet: &mut Sheet, costs: bool) {
    sheet.text(MARGIN, Weight::Semibold, TEXT, "SKU");
    sheet.text(NAME, Weight::Semibold, TEXT, "What");
    sheet.text_to(UNITS, Weight::Semibold, TEXT, "Units");
    if costs {
        sheet.text_to(COST, Weight::Semibold, TEXT, "Each");
        sheet.text_to(RIGHT, Weight::Semibold, TEXT, "Amount");
    }
    sheet.y += LINE + 2.0;
    sheet.rule();
    sheet.y += 6.0;
}

fn row(sheet: &mut Sheet, line: &PurchaseLineView, name: &[String]) {
    let top = sheet.y;
    sheet.text(MARGIN, Weight::Semibold, TEXT, &line.sku);
    sheet.text_to(UNITS, Weight::Regular, TEXT, &grouped(line.ordered.into()));
    if let (Some(cost), Some(amount)) = (&line.cost, line.amount) {
        sheet.text_to(COST, Weight::Regular, TEXT, cost);
        sheet.text_to(RIGHT, Weight::Regular, TEXT, &amount.to_string());
    }
    for part in name {
        sheet.text(NAME, Weight::Regular, TEXT, part);
        sheet.y += LINE;
    }
    sheet.y = top + LINE;
    if !line.supplier_code.is_empty() {
        sheet.text(MARGIN, Weight::Regular, TEXT, &format!("your {}", line.supplier_code));
    }
    sheet.y = top;
}

#[cfg(test)]
mod tests {
    use super::*;
    use waybill::ids::LocationId;
    use waybill::money::{Currency, Money};
    use waybill::purchasing::{PurchaseState, Supplier};

    fn order(lines: i32) -> PurchaseDetail {
        let line = |n: i32| PurchaseLineView {
            sku: format!("SKU{n}"),
            name: "A thing with a name that is so long that it does not fit on one line of the table, Größe Łódź".to_owned(),
            supplier_code: format!("X-{n}"),
            ordered: 12,
            confirmed: None,
            received: 0,
            cost: Some("4.25".to_owned()),
            amount: Some(Money::new(5_100, Currency::GBP)),
        };
        PurchaseDetail {
            number: "PO-1001".to_owned(),
            buyer: "Company".to_owned(),
            supplier: Supplier { name: "Acme".to_owned(), address: "1 Example Yard\nLeicester".to_owned(), ..Supplier::default() },
            location_id: LocationId(uuid::Uuid::nil()),
            location_code: "WH".to_owned(),
            location: "Warehouse".to_owned(),
            deliver_to: vec!["Warehouse".to_owned()],
            state: PurchaseState::Sent,
            note: String::new(),
            expected_on: None,
            late: false,
            order_number: None,
            lines: (0..lines).map(line).collect(),
            wishes: Vec::new(),
            gift_message: None,
            total: Some(Money::new(5_100, Currency::GBP)),
            history: Vec::new(),
        }
    }

    /// Pages are objects of the type Page in a PDF that is not compressed there.
    fn pages(pdf: &[u8]) -> usize {
        pdf.windows(11).filter(|w| w.starts_with(b"/Type /Page") || w.starts_with(b"/Type/Page")).count()
    }

    #[test]
    fn a_long_order_goes_over_several_pages() {
        let (short, long) = (draw(&order(1)), draw(&order(120)));
        assert!(short.starts_with(b"%PDF-"));
        assert!(pages(&long) > pages(&short) + 3, "{} and {}", pages(&long), pages(&short));
    }

    #[test]
    fn lines_are_broken_where_they_are_too_wide() {
        let lines = Weight::Regular.wrap("one two three\nfour", 10.0, Weight::Regular.width("one two", 10.0) + 0.1);
        assert_eq!(lines, ["one two", "three", "four"]);
        assert_eq!(Weight::Regular.wrap("unbreakable", 10.0, 1.0), ["unbreakable"]);
    }
}
