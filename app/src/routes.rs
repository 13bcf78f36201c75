//! The documents around the pages, and all routes on one screen: two apps, one of plain pages for customers, one that lives in the browser
//! for staff.

use crate::layout::{NotFound, PlaceTitle, SiteFrame};
use crate::pages::admin::{LocationPage, LocationsPage, NewLocationPage, UserPage, UsersPage};
use crate::pages::board::BoardPage;
use crate::pages::catalog::{CatalogPage, NewProductPage, ProductRecordPage};
use crate::pages::counts::{CountPage, CountsPage, NewCountPage};
use crate::pages::delivery::{NewSettingPage, SettingPage, SettingsPage, TryPage};
use crate::pages::desk::{KeptPage, MessagePage, MessagesPage, NewOrderPage, OrderPage, OrdersPage, PromisesPage};
use crate::pages::disruptions::{DisruptionDeskPage, DisruptionPage};
use crate::pages::files::{FilesPage, ImportPage};
use crate::pages::purchasing::{
    NewPurchaseOrderPage, NewSupplierPage, PurchaseOrderPage, PurchaseOrdersPage, ReorderPage, SupplierRecordPage, SuppliersPage,
};
use crate::pages::returns::{NewReturnPage, ReturnPage, ReturnsPage};
use crate::pages::routing::{DraftPage, MovePage, RoutingPage, SimulationPage, TrialPage, VersionPage};
use crate::pages::stock::{ReadingsPage, SkuPage, StockPage};
use crate::pages::stock_rules::{OfferedPage, StockRulesPage};
use crate::pages::transfers::{NewTransferPage, TransferPage, TransfersPage};
use crate::pages::webhooks::{DeliveryPage, WebhookPage, WebhooksPage};
use crate::pages::work::{StorePage, WarehousePage};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{Lazy, SsrMode, path};

/// Everything staff see. Each page's code is loaded when it is first opened.
#[component]
pub fn StaffApp() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=site_title/>
        <Router>
            <PlaceTitle/>
            <SiteFrame>
                <Routes fallback=|| view! { <NotFound/> }>
                    <Route path=path!("/desk/orders") view={Lazy::<OrdersPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/desk/messages") view={Lazy::<MessagesPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/desk/messages/:id") view={Lazy::<MessagePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/desk/promises") view={Lazy::<PromisesPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/desk/promises/kept") view={Lazy::<KeptPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/desk/orders/new") view={Lazy::<NewOrderPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/desk/orders/:reference") view={Lazy::<OrderPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/warehouse") view={Lazy::<WarehousePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/store") view={Lazy::<StorePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock") view={Lazy::<StockPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/returns") view={Lazy::<ReturnsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/returns/new") view={Lazy::<NewReturnPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/returns/:number") view={Lazy::<ReturnPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/transfers") view={Lazy::<TransfersPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/transfers/new") view={Lazy::<NewTransferPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/transfers/:number") view={Lazy::<TransferPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/counts") view={Lazy::<CountsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/counts/new") view={Lazy::<NewCountPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/counts/:number") view={Lazy::<CountPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/reorder") view={Lazy::<ReorderPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/purchase-orders") view={Lazy::<PurchaseOrdersPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/purchase-orders/new") view={Lazy::<NewPurchaseOrderPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/purchase-orders/:number") view={Lazy::<PurchaseOrderPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/suppliers") view={Lazy::<SuppliersPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/suppliers/new") view={Lazy::<NewSupplierPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/suppliers/:code") view={Lazy::<SupplierRecordPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/readings") view={Lazy::<ReadingsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/:sku") view={Lazy::<SkuPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/stock/:sku/offered") view={Lazy::<OfferedPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/catalog") view={Lazy::<CatalogPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/catalog/new") view={Lazy::<NewProductPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/catalog/:handle") view={Lazy::<ProductRecordPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/routing") view={Lazy::<RoutingPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/routing/disruptions") view={Lazy::<DisruptionDeskPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/routing/disruptions/:id") view={Lazy::<DisruptionPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/routing/drafts/:id") view={Lazy::<DraftPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/routing/simulations/:id") view={Lazy::<SimulationPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/routing/simulations/:id/moves/:no") view={Lazy::<MovePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/routing/try") view={Lazy::<TrialPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/routing/versions/:ruleset/:version") view={Lazy::<VersionPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/delivery") view={Lazy::<SettingsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/delivery/try") view={Lazy::<TryPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/delivery/:kind/new") view={Lazy::<NewSettingPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/delivery/:kind/:code") view={Lazy::<SettingPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/files") view={Lazy::<FilesPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/files/:id") view={Lazy::<ImportPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/users") view={Lazy::<UsersPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/users/:email") view={Lazy::<UserPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/webhooks") view={Lazy::<WebhooksPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/webhooks/deliveries/:id") view={Lazy::<DeliveryPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/webhooks/:id") view={Lazy::<WebhookPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/stock-rules") view={Lazy::<StockRulesPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/locations") view={Lazy::<LocationsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/locations/new") view={Lazy::<NewLocationPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/admin/locations/:code") view={Lazy::<LocationPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/board") view={Lazy::<BoardPage>::new()} ssr=SsrMode::Async/>
                </Routes>
            </SiteFrame>
        </Router>
    }
}

fn site_title(page: String) -> String {
    if page.is_empty() { "Waybill".to_owned() } else { format!("{page} · Waybill") }
}

#[cfg(feature = "ssr")]
pub use documents::{CustomerApp, document, forbidden};

#[cfg(feature = "ssr")]
mod documents {
    use super::*;
    use crate::layout::Forbidden;
    use crate::pages::account::SignInPage;
    use crate::pages::shop::{BasketPage, CheckoutPage, ProductPage, ShopPage};
    use crate::pages::supplier::SupplierOrderPage;
    use crate::pages::track::{LookUpPage, TrackPage};
    use leptos::nonce::use_nonce;
    use leptos_meta::MetaTags;
    use waybill::identity::Role;

    /// Everything customers see, and the way in for staff. Plain pages: they need no script, and `plain.js` makes them smoother.
    #[component]
    pub fn CustomerApp() -> impl IntoView {
        provide_meta_context();
        view! {
            <Title formatter=site_title/>
            <Router>
                <SiteFrame>
                    <Routes fallback=|| view! { <NotFound/> }>
                        <Route path=path!("/") view=ShopPage ssr=SsrMode::Async/>
                        <Route path=path!("/p/:handle") view=ProductPage ssr=SsrMode::Async/>
                        <Route path=path!("/basket") view=BasketPage ssr=SsrMode::Async/>
                        <Route path=path!("/checkout") view=CheckoutPage ssr=SsrMode::Async/>
                        <Route path=path!("/track") view=LookUpPage ssr=SsrMode::Async/>
                        <Route path=path!("/track/o/:token") view=TrackPage ssr=SsrMode::Async/>
                        <Route path=path!("/supplier/o/:token") view=SupplierOrderPage ssr=SsrMode::Async/>
                        <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
                    </Routes>
                </SiteFrame>
            </Router>
        }
    }

    /// The document of a page, by its address.
    pub fn document(options: LeptosOptions) -> impl IntoView {
        if crate::access::is_staff_page(&crate::ctx::path()) {
            staff_document(options).into_any()
        } else {
            plain_document(|| view! { <CustomerApp/> }.into_any()).into_any()
        }
    }

    /// The document of a page that is not for whoever asks.
    pub fn forbidden(role: Role) -> impl IntoView {
        plain_document(move || {
            provide_meta_context();
            view! {
                <Title formatter=site_title/>
                <Router><SiteFrame><Forbidden role=role.label() home=role.home()/></SiteFrame></Router>
            }
            .into_any()
        })
    }

    /// A page that needs no script.
    fn plain_document(content: impl FnOnce() -> AnyView + Send + 'static) -> impl IntoView {
        let nonce = set_policy();
        view! {
            <Document head=view! { <script src="/plain.js" defer nonce=nonce.clone()></script> <script src="/live.js" defer nonce=nonce></script> }.into_any()>
                {content()}
            </Document>
        }
    }

    /// A page that comes alive.
    fn staff_document(options: LeptosOptions) -> impl IntoView {
        let nonce = set_policy();
        view! {
            <Document head=view! { <HydrationScripts options/> <script src="/live.js" defer nonce=nonce></script> }.into_any()>
                <StaffApp/>
            </Document>
        }
    }

    /// Scripts carry the response's nonce; nothing else may run.
    fn set_policy() -> Option<leptos::nonce::Nonce> {
        let nonce = use_nonce();
        if let Some(nonce) = &nonce {
            crate::ctx::header(
                "content-security-policy",
                &format!(
                    "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
                     worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
                ),
            );
        }
        nonce
    }

    #[component]
    fn Document(head: AnyView, children: Children) -> impl IntoView {
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
                    {head}
                    <MetaTags/>
                </head>
                <body>{children()}</body>
            </html>
        }
    }
}
