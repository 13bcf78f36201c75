//! The document around every page, and all routes on one screen.

use crate::layout::{NotFound, SiteFrame};
use crate::pages::account::SignInPage;
use crate::pages::board::BoardPage;
use crate::pages::desk::{OrderPage, OrdersPage};
use crate::pages::shop::{BasketPage, CheckoutPage, ProductPage, ShopPage};
use crate::pages::track::{LookUpPage, TrackPage};
use crate::pages::work::{StorePage, WarehousePage};
#[cfg(feature = "ssr")]
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{Lazy, SsrMode, path};

/// The HTML document. Scripts carry the response's nonce; nothing else may run.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    #[cfg(feature = "ssr")]
    let nonce = use_nonce();
    #[cfg(feature = "ssr")]
    if let Some(nonce) = &nonce {
        crate::ctx::header(
            "content-security-policy",
            &format!(
                "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
                 worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
            ),
        );
    }
    #[cfg(not(feature = "ssr"))]
    let nonce: Option<String> = None;
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="preload" href="/fonts/inter.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <link rel="stylesheet" href="/pkg/waybill.css"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HydrationScripts options/>
                <script src="/live.js" defer nonce=nonce></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// All routes. Each page's code is loaded when it is first opened: nobody downloads what they do not look at.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=site_title/>
        <Router>
            <SiteFrame>
                <Routes fallback=|| view! { <NotFound/> }>
                    <Route path=path!("/") view={Lazy::<ShopPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/p/:handle") view={Lazy::<ProductPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/basket") view={Lazy::<BasketPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/checkout") view={Lazy::<CheckoutPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/track") view={Lazy::<LookUpPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/track/o/:token") view={Lazy::<TrackPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in") view={Lazy::<SignInPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/desk/orders") view={Lazy::<OrdersPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/desk/orders/:reference") view={Lazy::<OrderPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/warehouse") view={Lazy::<WarehousePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/store") view={Lazy::<StorePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/board") view={Lazy::<BoardPage>::new()} ssr=SsrMode::Async/>
                </Routes>
            </SiteFrame>
        </Router>
    }
}

fn site_title(page: String) -> String {
    if page.is_empty() { "Waybill".to_owned() } else { format!("{page} · Waybill") }
}
