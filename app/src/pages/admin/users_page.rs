use super::api::{AddUser, ChangeUser, Changed, ResetPassword, UndoUser, list_users, read_user};
use crate::components::{ChangeLog, PreviewNote, Scheduled, emptied_after, times_done, undo_words};
use crate::layout::{IfAllowed, PageError};
use crate::loaded::load;
use crate::ui::{Badge, Button, ErrorNote, SelectField, TextField, Tone, When, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use waybill::identity::views::{UserDetail, UserRow};
use waybill::identity::{Permission, Role};

/// `/admin/users`: who can sign in, and what each role may do.
#[derive(Debug)]
pub struct UsersPage;

/// `/admin/users/:email`: one of them.
#[derive(Debug)]
pub struct UserPage;

impl UsersPage {
    pub(super) fn view() -> AnyView {
        let add = ServerAction::<AddUser>::new();
        let done = times_done(add);
        let users = load(move || done.get(), |_| list_users());
        view! {
            <Title text="Users"/>
            <header class="py-6 flex flex-wrap items-center justify-between gap-3"><h1 class="page-title">"Users"</h1>
                <IfAllowed permission=Permission::ManageWebhooks><a class="button-quiet" href="/admin/webhooks">"Other systems"</a></IfAllowed></header>
            <Transition fallback=|| view! { <div class="skeleton h-96" aria-busy="true"></div> }>
                {move || users.get().map(|answer| match answer {
                    Ok((users, places)) => view! {
                        <div class="grid gap-6 lg:grid-cols-[1fr_22rem] items-start"><Users users/><Add places add done/></div>
                    }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
            <Roles/>
        }
        .into_any()
    }
}

#[component]
fn Users(users: Vec<UserRow>) -> impl IntoView {
    let rows = users
        .into_iter()
        .map(|u| {
            let href = format!("/admin/users/{}", encode(&u.email));
            let state = u.disabled.then(|| view! { <Badge tone=Tone::Bad text="May not sign in"/> });
            let seen = match u.last_seen {
                Some(at) => view! { <When at/> }.into_any(),
                None => view! { <span class="text-ink-soft">"not signed in"</span> }.into_any(),
            };
            view! {
                <tr>
                    <th scope="row"><a class="link" href=href>{u.name}</a><span class="block font-normal text-ink-soft">{u.email.clone()}</span></th>
                    <td>{u.role.label()}" "{state}</td><td>{u.location.map(|l| l.1)}</td><td class="whitespace-nowrap">{seen}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap" tabindex="0"><table class="table table-dense">
            <thead><tr><th scope="col">"Who"</th><th scope="col">"Role"</th><th scope="col">"Where"</th><th scope="col">"Last seen"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
}

fn roles() -> Vec<(String, String)> {
    Role::ALL.iter().map(|r| (r.to_string(), r.label().to_owned())).collect()
}

fn somewhere(places: Vec<(String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), "Everywhere".to_owned())).chain(places).collect()
}

/// A password that is told once.
#[component]
fn Told(password: String) -> impl IntoView {
    view! {
        <p>"The password is "<strong class="code select-all">{password}</strong>". Tell it to them now: it is not shown again. They can choose another where they sign in."</p>
    }
}

#[component]
fn Add(places: Vec<(String, String)>, add: ServerAction<AddUser>, done: Memo<u32>) -> impl IntoView {
    let form = emptied_after(done);
    let error = Signal::derive(move || add.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let told = move || add.value().get().and_then(Result::ok).map(|password| view! { <Told password/> });
    view! {
        <section class="card">
            <h2 class="font-semibold">"Add somebody"</h2>
            <div class="mt-2" role="status">{told}</div>
            <ActionForm action=add node_ref=form attr:class="mt-4 grid gap-4" attr:novalidate="">
                {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <TextField name="name" label="Name" required=true error=of("/name")/>
                <TextField name="email" label="E-mail" kind="email" required=true error=of("/email")/>
                <SelectField name="role" label="Role" options=roles() error=of("/role")/>
                <SelectField name="location" label="Works at" options=somewhere(places) error=of("/location")/>
                <Button pending=add.pending()>"Add"</Button>
            </ActionForm>
        </section>
    }
}

/// What each role may do: the table that the server goes by.
#[component]
fn Roles() -> impl IntoView {
    let heads = Role::ALL.iter().map(|r| view! { <th scope="col" class="text-center">{r.label()}</th> }).collect_view();
    let rows = Permission::ALL
        .iter()
        .map(|p| {
            let cells = Role::ALL
                .iter()
                .map(|r| {
                    if r.may(*p) {
                        view! { <td class="text-center font-semibold">"Yes"</td> }.into_any()
                    } else {
                        view! { <td class="text-center text-ink-soft">"–"</td> }.into_any()
                    }
                })
                .collect_view();
            view! { <tr><th scope="row" class="font-normal">{p.label()}</th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <section class="pt-10">
            <h2 class="text-xl font-semibold">"What each role may do"</h2>
            <p class="pt-1 pb-4 text-ink-soft max-w-prose">"Store and warehouse staff do it at their own location. API tokens carry a chosen set of these."</p>
            <div class="table-wrap" tabindex="0"><table class="table table-dense"><thead><tr><th scope="col">"May"</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>
        </section>
    }
}

#[derive(Clone, Copy)]
struct Actions {
    change: ServerAction<ChangeUser>,
    undo: ServerAction<UndoUser>,
    reset: ServerAction<ResetPassword>,
}

impl UserPage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let actions = Actions { change: ServerAction::new(), undo: ServerAction::new(), reset: ServerAction::new() };
        // A preview leaves the form as it is typed; what was done is read again.
        let done = Memo::new(move |before: Option<&u32>| {
            let done = matches!(actions.change.value().get(), Some(Ok(Changed::Done)));
            before.copied().unwrap_or(0) + u32::from(done)
        });
        let undone = times_done(actions.undo);
        // What is said of a change is not said of what came after it.
        Effect::new(move |first: Option<()>| {
            undone.track();
            if first.is_some() {
                actions.change.clear();
            }
        });
        let user = load(move || (params.read().get("email").unwrap_or_default(), done.get(), undone.get()), |(email, ..)| read_user(email));
        view! {
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/admin/users">"Users"</a></nav>
            <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || user.get().map(|answer| match answer {
                    Ok((detail, places)) => view! { <One detail places actions/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn One(detail: UserDetail, places: Vec<(String, String)>, actions: Actions) -> impl IntoView {
    let UserDetail { user, scheduled, can_undo, history } = detail;
    let undoes = user.email.clone();
    let error = move || actions.undo.value().get().and_then(Result::err);
    let words = undo_words(scheduled.is_some());
    view! {
        <Title text=user.name.clone()/>
        <header class="pt-1 pb-6"><h1 class="page-title">{user.name.clone()}</h1><p class="text-ink-soft">{user.email.clone()}</p></header>
        <div class="grid gap-6 lg:grid-cols-2 items-start max-w-4xl">
            <Duty user=user.clone() places change=actions.change/>
            <div class="grid gap-6">
                <section class="card">
                    <h2 class="font-semibold">"What was changed"</h2>
                    <Scheduled scheduled/>
                    {move || error().map(|e| view! { <div class="mt-3"><ErrorNote text=e.everything()/></div> })}
                    {can_undo.then(|| view! {
                        <ActionForm action=actions.undo attr:class="mt-3"><input type="hidden" name="email" value=undoes/><button class="button-quiet">{words}</button></ActionForm>
                    })}
                    <ChangeLog history nothing="Nothing yet."/>
                </section>
                <Password email=user.email reset=actions.reset/>
            </div>
        </div>
    }
}

/// What somebody does: looked at first, or changed.
#[component]
fn Duty(user: UserRow, places: Vec<(String, String)>, change: ServerAction<ChangeUser>) -> impl IntoView {
    let error = Signal::derive(move || change.value().get().and_then(Result::err));
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    let preview = move || match change.value().get() {
        Some(Ok(Changed::Preview(preview))) => Some(view! { <PreviewNote preview/> }),
        _ => None,
    };
    let done = move || matches!(change.value().get(), Some(Ok(Changed::Done))).then_some("Saved.");
    let location = user.location.map(|l| l.0).unwrap_or_default();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Role"</h2>
            <ActionForm action=change attr:class="mt-4 grid gap-4" attr:novalidate="">
                {move || error.get().map(|e| view! { <ErrorNote text=e.to_string()/> })}
                <p role="status" class="text-sm text-good empty:hidden">{done}</p>
                <input type="hidden" name="form[email]" value=user.email/>
                <TextField name="form[name]" label="Name" value=user.name required=true error=of("/name")/>
                <SelectField name="form[role]" label="Role" options=roles() selected=user.role.to_string() error=of("/role")/>
                <SelectField name="form[location]" label="Works at" options=somewhere(places) selected=location error=of("/location")/>
                <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="form[disabled]" value="true" checked=user.disabled/>"May not sign in any more"</label>
                <TextField name="form[from]" label="From when on" kind="datetime-local" hint="Leave it empty for now: then they are signed out, and sign in anew." error=of("/from")/>
                {preview}
                <p class="flex flex-wrap gap-3">
                    <button class="button-quiet" name="form[intent]" value="preview" disabled=move || change.pending().get()>"See what it does"</button>
                    <button class="button" name="form[intent]" value="change" disabled=move || change.pending().get()>"Change it"</button>
                </p>
            </ActionForm>
        </section>
    }
}

#[component]
fn Password(email: String, reset: ServerAction<ResetPassword>) -> impl IntoView {
    let told = move || reset.value().get().and_then(Result::ok).map(|password| view! { <Told password/> });
    let trouble = move || reset.value().get().and_then(Result::err).map(|e| view! { <ErrorNote text=e.to_string()/> });
    view! {
        <section class="card">
            <h2 class="font-semibold">"Forgotten password"</h2>
            <div class="mt-2" role="status">{told}</div>
            {trouble}
            <ActionForm action=reset attr:class="mt-4 grid gap-4">
                <input type="hidden" name="email" value=email/>
                <button class="button-quiet" disabled=move || reset.pending().get()>"Make a new password"</button>
            </ActionForm>
        </section>
    }
}
