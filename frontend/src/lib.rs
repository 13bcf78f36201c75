//! The browser's entry: takes over the page that the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's hydration script. When the page is alive it says so on the document's element: until then a link is followed by the
/// browser alone (`live.js`), since a router that changes the page while it is being taken over finds another page than it expects.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(async {
        let document = leptos::prelude::document();
        let Some(body) = document.body() else { return };
        leptos::mount::hydrate_from_async(body, waybill_app::StaffApp).await.forget();
        if let Some(root) = document.document_element() {
            // It can only fail for a name that is none.
            let _set = root.set_attribute("data-alive", "");
        }
    });
}
