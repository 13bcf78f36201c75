use super::api::{ChangePassword, SignIn, SignOut, SignOutEverywhere};
use crate::layout::CurrentUserContext;
use crate::ui::{Button, ErrorNote, TextField};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// `/sign-in`: for people who work here. Customers need no account.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let query = use_query_map();
    let next = move || query.read().get("next").unwrap_or_default();
    let error = move || action.value().get().and_then(Result::err);
    let user = expect_context::<CurrentUserContext>().0;
    view! {
        <Title text="Sign in"/>
        <div class="mx-auto max-w-sm py-8 sm:py-16">
            <h1 class="page-title">"Sign in"</h1>
            <p class="mt-2 text-ink-soft">"For people who work here. To follow an order you need no account: "<a class="link" href="/track">"track it"</a>"."</p>
            <Suspense>
                {move || user.get().and_then(Result::ok).flatten().map(|user| view! { <SignedIn name=user.name home=user.role.home()/> })}
            </Suspense>
            <ActionForm action attr:class="mt-8 grid gap-5">
                <input type="hidden" name="next" value=next/>
                {move || error().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <TextField name="email" label="E-mail" kind="email" autocomplete="username" required=true/>
                <TextField name="password" label="Password" kind="password" autocomplete="current-password" required=true/>
                <Button pending=action.pending()>"Sign in"</Button>
            </ActionForm>
        </div>
    }
}

#[component]
fn SignedIn(name: String, home: &'static str) -> impl IntoView {
    let (out, everywhere) = (ServerAction::<SignOut>::new(), ServerAction::<SignOutEverywhere>::new());
    let change = ServerAction::<ChangePassword>::new();
    let error = Signal::derive(move || change.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    view! {
        <section class="card mt-8 grid gap-4" aria-label="You are signed in">
            <p>"You are signed in as "<strong>{name}</strong>". "<a class="link" href=home>"Go to your work"</a></p>
            <div class="flex flex-wrap gap-3">
                <ActionForm action=out><button class="button-quiet">"Sign out"</button></ActionForm>
                <ActionForm action=everywhere><button class="button-quiet">"Sign out on all devices"</button></ActionForm>
            </div>
            <details open=move || error.get().is_some()>
                <summary class="link cursor-pointer">"Choose another password"</summary>
                <ActionForm action=change attr:class="mt-4 grid gap-4">
                    <TextField name="old" label="The password you have" kind="password" autocomplete="current-password" required=true error=of("/old")/>
                    <TextField name="new" label="The new one" kind="password" autocomplete="new-password" required=true hint="At least 10 characters. You sign in with it on all devices." error=of("/new")/>
                    <Button pending=change.pending()>"Change it"</Button>
                </ActionForm>
            </details>
        </section>
    }
}
