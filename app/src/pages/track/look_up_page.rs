use super::api::LookUp;
use crate::ui::{Button, ErrorNote, TextField};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

/// `/track`: for those who have lost the link.
#[component]
pub fn LookUpPage() -> impl IntoView {
    let action = ServerAction::<LookUp>::new();
    let error = move || action.value().get().and_then(Result::err);
    view! {
        <Title text="Track an order"/>
        <div class="mx-auto max-w-md py-8 sm:py-16">
            <h1 class="page-title">"Where is my order?"</h1>
            <p class="mt-2 text-ink-soft">"You find the number in your confirmation. It looks like W-7K3M-9QXD."</p>
            <ActionForm action attr:class="mt-8 grid gap-5">
                {move || error().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <TextField name="number" label="Order number" required=true/>
                <TextField name="proof" label="E-mail, postcode or phone" required=true hint="The one you gave when you ordered."/>
                <Button pending=action.pending()>"Show my order"</Button>
            </ActionForm>
        </div>
    }
}
