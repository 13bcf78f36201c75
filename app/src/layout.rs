//! The frame around every page: the bar on top, the way around, and what is shown when there is nothing.

use crate::error::ApiError;
use crate::loaded::{Loaded, load};
use crate::ui::{EmptyState, Icon};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use waybill::identity::{CurrentUser, Permission, Role};

/// Who is signed in: asked once per visit, and again after signing in or out.
#[derive(Clone, Copy)]
pub struct CurrentUserContext(pub Loaded<Option<CurrentUser>>);

/// Whoever is signed in; none for a stranger.
#[server]
pub async fn who_am_i() -> Result<Option<CurrentUser>, ApiError> {
    Ok(crate::ctx::caller().user)
}

/// The places staff can go, with the permission each needs.
const PLACES: &[(&str, &str, &str, Permission)] = &[
    ("/desk/orders", "Orders", "inbox", Permission::ReadOrders),
    ("/stock", "Stock", "package", Permission::ReadStock),
    ("/warehouse", "Warehouse", "warehouse", Permission::ReadFulfilment),
    ("/store", "Store", "store", Permission::ReadFulfilment),
    ("/board", "Board", "chart-column", Permission::ReadReports),
    ("/catalog", "Catalogue", "tag", Permission::ManageCatalog),
    ("/routing", "Routing", "route", Permission::ReadRouting),
    ("/admin/stock-rules", "Rules", "scale", Permission::ManageStockRules),
    ("/admin/delivery", "Delivery", "truck", Permission::ManageNetwork),
    ("/admin/locations", "Locations", "map-pin", Permission::ManageNetwork),
    ("/admin/users", "Users", "users", Permission::ManageUsers),
];

#[component]
pub fn SiteFrame(children: Children) -> impl IntoView {
    let user = load(|| (), |()| who_am_i());
    provide_context(CurrentUserContext(user));
    view! {
        <a class="skip-link" href="#main">"Skip to the content"</a>
        <header class="site-header">
            <div class="bar">
                <a class="brand" href="/" rel="external"><Icon name="package"/><span>"Waybill"</span></a>
                <Suspense>
                    {move || user.get().map(|answer| view! { <Navigation user=answer.ok().flatten()/> })}
                </Suspense>
            </div>
        </header>
        <p class="live-lost" role="status">"Connection lost. This page will catch up by itself."</p>
        <main id="main" class="page" tabindex="-1">{children()}</main>
        <footer class="site-footer"><p>"Waybill, an open-source order management system. The company and the customers shown here are made up."</p></footer>
    }
}

#[component]
fn Navigation(user: Option<CurrentUser>) -> impl IntoView {
    let path = use_location().pathname;
    let link = move |href: &'static str, words: &'static str, icon: &'static str| {
        // All that is done at the desk is behind its orders.
        let place = if href == "/desk/orders" { "/desk" } else { href };
        let current = move || path.read().starts_with(place).then_some("page");
        // Customers' pages and staff's are two apps: the way between them is a whole page load.
        let rel = PLACES.iter().all(|place| place.0 != href).then_some("external");
        view! { <a class="nav-link" href=href rel=rel aria-current=current><Icon name=icon/><span>{words}</span></a> }
    };
    match user {
        None => view! {
            <nav class="nav" aria-label="Main">
                {link("/track", "Track an order", "map-pin")}
                {link("/basket", "Basket", "shopping-basket")}
                {link("/sign-in", "Staff", "user")}
            </nav>
        }
        .into_any(),
        Some(user) => {
            let places = PLACES
                .iter()
                .filter(|(.., permission)| user.role.may(*permission))
                // Each works in one of the two.
                .filter(|(href, ..)| !matches!((user.role, *href), (Role::Store, "/warehouse") | (Role::Warehouse, "/store")))
                .map(|(href, words, icon, _)| link(href, words, icon))
                .collect_view();
            let title = format!("{}, {}", user.name, user.role.label());
            view! {
                <nav class="nav" aria-label="Main">
                    {places}
                    <a class="nav-link" href="/sign-in" rel="external" title=title.clone() aria-label=title><Icon name="user"/><span class="hidden sm:inline">{user.name}</span></a>
                </nav>
            }
            .into_any()
        }
    }
}

/// What only those see who may do it.
#[component]
pub fn IfAllowed(permission: Permission, children: ChildrenFn) -> impl IntoView {
    let user = expect_context::<CurrentUserContext>().0;
    let may = move || user.get().is_some_and(|answer| answer.ok().flatten().is_some_and(|user| user.role.may(permission)));
    view! { <Suspense>{move || may().then(|| children())}</Suspense> }
}

/// The title of a staff page until the page's own code, which is loaded when it is first opened, says it better.
#[component]
pub fn PlaceTitle() -> impl IntoView {
    let path = use_location().pathname;
    let words = move || {
        let path = path.get();
        let place = PLACES.iter().find(|place| place.0 == path).map(|place| place.1.to_owned());
        place.unwrap_or_else(|| path.rsplit('/').next().unwrap_or_default().to_owned())
    };
    view! { <Title text=words/> }
}

/// No such page.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::ctx::set_error_status(&waybill::refusal::Refusal::not_found("such page").into());
    view! {
        <Title text="Not found"/>
        <EmptyState icon="search" title="There is nothing here">
            <p>"The address may be mistyped, or the page has moved. "<a class="link" href="/">"Go to the shop"</a>" or "<a class="link" href="/track">"track an order"</a>"."</p>
        </EmptyState>
    }
}

/// The page is there, and not for whoever asks.
#[component]
pub fn Forbidden(role: &'static str, home: &'static str) -> impl IntoView {
    view! {
        <Title text="Not for your role"/>
        <EmptyState icon="user" title="Not for your role">
            <p>{role}" may not open this page. Ask an administrator if you need it."</p>
            <p class="mt-4"><a class="button" href=home rel="external">"Go to your work"</a></p>
        </EmptyState>
    }
}

/// What a page shows in place of its content when that could not be had.
#[component]
pub fn PageError(error: ApiError) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::ctx::set_error_status(&error);
    let title = if error.is_not_found() { "Not found" } else { "That did not work" };
    let location = use_location();
    // The address asked for something that cannot be shown: without its question the page can.
    let start = (!location.search.get_untracked().is_empty() && !error.is_not_found()).then(|| location.pathname.get_untracked());
    view! {
        <Title text=title/>
        <EmptyState icon="triangle-alert" title=title>
            <p role="alert">{error.to_string()}</p>
            {start.map(|path| view! { <p class="mt-4"><a class="button-quiet" href=path>"Start again"</a></p> })}
        </EmptyState>
    }
}
