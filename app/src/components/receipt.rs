use crate::error::ApiError;
use crate::ui::{ErrorNote, TextArea};
use leptos::prelude::*;

/// What a form asks of a delivery that has come: scanned things, and whether that is all.
#[component]
pub fn ReceiptFields(number: String, #[prop(into)] error: Signal<Option<ApiError>>, #[prop(into)] pending: Signal<bool>) -> impl IntoView {
    view! {
        {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
        <input type="hidden" name="number" value=number/>
        <TextArea name="lines" label="What has come" rows=6 hint="Scan each thing, or type a SKU and how many. One a line."/>
        <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="close"/>"Nothing more will come"</label>
        <button class="button w-full" name="everything" value="" disabled=move || pending.get()>"Receive what is scanned"</button>
        <button class="button-quiet w-full" name="everything" value="on" disabled=move || pending.get()>"Everything has come"</button>
    }
}
