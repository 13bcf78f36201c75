use leptos::prelude::*;

/// The id of a field. A page with several fields of one name tells them apart by their scopes.
fn id_of(scope: Option<String>, name: &str) -> String {
    scope.map_or_else(|| name.to_owned(), |scope| format!("{scope}-{name}"))
}

/// One line of text with its label, a hint, and what is wrong with it.
#[component]
pub fn TextField(
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] scope: Option<String>,
) -> impl IntoView {
    let id = id_of(scope, name);
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described_by = {
        let (hint_id, error_id, hinted) = (hint_id.clone(), error_id.clone(), hint.is_some());
        move || match (error.get().is_some(), hinted) {
            (true, _) => Some(error_id.clone()),
            (false, true) => Some(hint_id.clone()),
            (false, false) => None,
        }
    };
    view! {
        <div class="grid gap-1.5">
            <label class="text-sm font-medium" for=id.clone()>{label}{(!required).then(|| view! { <span class="text-ink-soft font-normal">" (optional)"</span> })}</label>
            <input id=id name=name type=kind value=value autocomplete=autocomplete required=required class="field"
                aria-invalid=move || error.get().is_some().then_some("true") aria-describedby=described_by/>
            {hint.map(|hint| view! { <p id=hint_id.clone() class="text-sm text-ink-soft">{hint}</p> })}
            {move || error.get().map(|text| view! { <p id=error_id.clone() class="text-sm text-bad font-medium">{text}</p> })}
        </div>
    }
}

/// Several lines of text, with a label and a hint.
#[component]
pub fn TextArea(
    name: &'static str,
    label: &'static str,
    rows: u8,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional)] hint: Option<&'static str>,
    /// It is of sentences, not of codes.
    #[prop(optional)]
    prose: bool,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] scope: Option<String>,
) -> impl IntoView {
    let id = id_of(scope, name);
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || if error.get().is_some() { Some(error_id.clone()) } else { hint.map(|_| hint_id.clone()) }
    };
    let (class, spellcheck) = if prose { ("field", "true") } else { ("field code", "false") };
    view! {
        <div class="grid gap-1.5">
            <label class="text-sm font-medium" for=id.clone()>{label}</label>
            <textarea id=id name=name rows=rows.to_string() class=class autocomplete="off" spellcheck=spellcheck
                aria-invalid=move || error.get().is_some().then_some("true") aria-describedby=described_by>{value}</textarea>
            {hint.map(|hint| view! { <p id=hint_id class="text-sm text-ink-soft">{hint}</p> })}
            {move || error.get().map(|text| view! { <p id=error_id.clone() class="text-sm text-bad font-medium">{text}</p> })}
        </div>
    }
}

/// A file to be brought.
#[component]
pub fn FileField(name: &'static str, label: &'static str, accept: &'static str, hint: &'static str) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    view! {
        <div class="grid gap-1.5">
            <label class="text-sm font-medium" for=name>{label}</label>
            <input class="field" id=name name=name type="file" required accept=accept aria-describedby=hint_id.clone()/>
            <p id=hint_id class="text-sm text-ink-soft">{hint}</p>
        </div>
    }
}

/// A choice from a list of (value, words).
#[component]
pub fn SelectField(
    name: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    #[prop(optional, into)] selected: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] scope: Option<String>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(value, words)| {
            let chosen = selected.as_deref() == Some(value.as_str());
            view! { <option value=value selected=chosen>{words}</option> }
        })
        .collect_view();
    view! { <SelectFrame name label error id=id_of(scope, name)>{options}</SelectFrame> }
}

/// The frame of a [`SelectField`] whose options need more than a value and words.
#[component]
pub fn SelectFrame(
    name: &'static str,
    label: &'static str,
    #[prop(optional, into)] error: Signal<Option<String>>,
    /// The name where left out.
    #[prop(optional, into)]
    id: Option<String>,
    children: Children,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.to_owned());
    let error_id = format!("{id}-error");
    let described_by = {
        let error_id = error_id.clone();
        move || error.get().map(|_| error_id.clone())
    };
    view! {
        <div class="grid gap-1.5">
            <label class="text-sm font-medium" for=id.clone()>{label}</label>
            <select id=id name=name class="field" aria-invalid=move || error.get().is_some().then_some("true") aria-describedby=described_by>{children()}</select>
            {move || error.get().map(|text| view! { <p id=error_id.clone() class="text-sm text-bad font-medium">{text}</p> })}
        </div>
    }
}

/// The one big button of a form. While it works it says so and cannot be pressed again.
#[component]
pub fn Button(#[prop(into)] pending: Signal<bool>, children: Children) -> impl IntoView {
    view! {
        <button class="button" type="submit" disabled=move || pending.get() aria-busy=move || pending.get().then_some("true")>
            {children()}
        </button>
    }
}
