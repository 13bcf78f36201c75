use super::api::{Window, products};
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Chip, Chips, EmptyState, Icon, NextPage, encode};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use waybill::catalog::views::{ImageView, ProductCard};

/// `/`: the shop window, with search and categories in the address.
#[component]
pub fn ShopPage() -> impl IntoView {
    let query = use_query_map();
    let part = move |name: &'static str| query.read().get(name).unwrap_or_default();
    let window = load(move || (part("category"), part("search"), part("after")), |(c, s, a)| products(c, s, a));
    view! {
        <Title text="Shop"/>
        <section class="hero">
            <h1 class="text-4xl sm:text-5xl font-semibold tracking-tight text-balance">"Gifts and things for the home, from the store nearest to you."</h1>
            <form class="mt-6 flex max-w-lg gap-2" method="get" action="/" role="search">
                <label class="sr-only" for="search">"Search the shop"</label>
                <input class="field" id="search" name="search" type="search" placeholder="Lantern, cake stand, bunting" value=move || part("search")/>
                <button class="button"><Icon name="search"/><span>"Search"</span></button>
            </form>
        </section>
        <Suspense fallback=|| view! { <ProductSkeleton/> }>
            {move || window.get().map(|answer| match answer {
                Ok(window) => view! { <Shelves window category=part("category") search=part("search") first=part("after").is_empty()/> }.into_any(),
                Err(error) => view! { <PageError error/> }.into_any(),
            })}
        </Suspense>
    }
}

fn address(category: &str, search: &str, after: Option<&str>) -> String {
    let mut parts = Vec::new();
    for (name, value) in [("category", category), ("search", search), ("after", after.unwrap_or_default())] {
        if !value.is_empty() {
            parts.push(format!("{name}={}", encode(value)));
        }
    }
    if parts.is_empty() { "/".to_owned() } else { format!("/?{}", parts.join("&")) }
}

#[component]
fn Shelves(window: Window, category: String, search: String, first: bool) -> impl IntoView {
    let next = window.products.next.as_deref().map(|after| address(&category, &search, Some(after)));
    let start = address(&category, &search, None);
    let chips = std::iter::once(String::new())
        .chain(window.categories)
        .map(|name| Chip {
            href: address(&name, "", None),
            shown: name == category,
            count: None,
            words: if name.is_empty() { "Everything".to_owned() } else { name },
        })
        .collect();
    let offered = |card: &ProductCard| card.skus.iter().filter_map(|sku| window.offered.get(sku)).sum();
    let cards = window.products.rows.iter().map(|card| view! { <Card card=card.clone() offered=offered(card)/> }).collect_view();
    let empty = window.products.rows.is_empty();
    view! {
        <Chips label="Categories" chips/>
        {if empty {
            view! { <EmptyState icon="search" title="Nothing matches"><p>"Try another word, or "<a class="link" href="/">"see everything"</a>"."</p></EmptyState> }.into_any()
        } else {
            view! {
                <ul class="product-grid">{cards}</ul>
                <NextPage href=next first first_href=start/>
            }.into_any()
        }}
    }
}

#[component]
fn Card(card: ProductCard, offered: i64) -> impl IntoView {
    let (words, class) = match offered {
        _ if card.is_service => ("At your address".to_owned(), "text-ink-soft"),
        0 => ("Sold out".to_owned(), "text-ink-soft"),
        1..=5 => (format!("Only {offered} left"), "text-warn"),
        _ => ("In stock".to_owned(), "text-good"),
    };
    view! {
        <li>
            <a class="product" href=format!("/p/{}", card.handle)>
                <Picture image=card.image.clone() name=card.name.clone()/>
                <span class="mt-3 block font-medium leading-snug">{card.name.clone()}</span>
                <span class="mt-1 flex items-baseline justify-between gap-2">
                    <span class="tabular-nums">{card.price.to_string()}</span>
                    <span class=format!("text-sm {class}")>{words}</span>
                </span>
            </a>
        </li>
    }
}

/// A product in a list: its picture, or a swatch. Its name stands beside it.
#[component]
pub fn Picture(image: Option<ImageView>, name: String) -> impl IntoView {
    match image {
        Some(image) => {
            let (width, height) = (image.width.to_string(), image.height.to_string());
            view! { <img class="picture" src=image.small() width=width height=height loading="lazy" alt=""/> }.into_any()
        }
        None => view! { <Swatch name/> }.into_any(),
    }
}

/// A product without a photograph: its initial on a quiet pattern of its own, always the same.
#[component]
fn Swatch(name: String) -> impl IntoView {
    let seed = name.bytes().fold(7u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
    let noun = name.split_whitespace().nth(1).unwrap_or(&name);
    let letter = noun.chars().find(char::is_ascii_alphabetic).unwrap_or('W').to_uppercase().to_string();
    let (cx, cy, r) = (20 + seed % 60, 20 + (seed >> 8) % 60, 28 + (seed >> 16) % 24);
    view! {
        <svg class=format!("swatch swatch-{}", seed % 6) viewBox="0 0 100 100" aria-hidden="true">
            <rect width="100" height="100" class="swatch-ground"></rect>
            <circle cx=cx.to_string() cy=cy.to_string() r=r.to_string() class="swatch-shape"></circle>
            <text x="50" y="50" dy="0.36em" text-anchor="middle" class="swatch-letter">{letter}</text>
        </svg>
    }
}

#[component]
fn ProductSkeleton() -> impl IntoView {
    let items = (0..8).map(|_| view! { <li class="skeleton h-64"></li> }).collect_view();
    view! { <ul class="product-grid py-6" aria-busy="true" aria-label="Loading">{items}</ul> }
}
