use crate::ui::Icon;
use leptos::prelude::*;
use waybill::fulfilment::views::WishView;
use waybill::purchasing::views::PurchaseDetail;

/// What a customer wants done to the units of a line, if anything.
#[component]
pub fn WishNote(wish: WishView) -> impl IntoView {
    // That something is a part of a kit is good to know; the others are work.
    let class = if wish.gift_wrap || wish.personalisation.is_some() { "font-medium" } else { "text-ink-soft" };
    wish.words().map(|words| {
        view! { <span class=format!("mt-1 flex items-center gap-1.5 text-sm {class}")>{wish.gift_wrap.then(|| view! { <Icon name="gift"/> })}{words}</span> }
    })
}

/// What is written on the card that goes with a gift, if anything.
#[component]
pub fn GiftMessage(text: Option<String>) -> impl IntoView {
    text.map(|text| {
        view! { <p class="flex items-start gap-1.5 text-sm"><Icon name="gift"/><span>"Card: "<q class="whitespace-pre-line">{text}</q></span></p> }
    })
}

/// What the customer of a drop-shipped order wants done, if anything.
#[component]
pub fn WishesCard(order: PurchaseDetail) -> impl IntoView {
    let wishes = order
        .wishes
        .into_iter()
        .map(|w| view! { <li>{format!("{} × ", w.quantity)}<span class="code">{w.sku}</span><WishNote wish=w.wish/></li> })
        .collect_view();
    (!wishes.is_empty() || order.gift_message.is_some()).then(|| {
        view! {
            <section class="card">
                <h2 class="font-semibold">"What the customer wants"</h2>
                <ul class="mt-3 grid gap-3 empty:hidden">{wishes}</ul>
                <div class="mt-3 empty:hidden"><GiftMessage text=order.gift_message/></div>
            </section>
        }
    })
}
