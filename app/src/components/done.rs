use leptos::html::Form;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Counts how often an action has succeeded.
pub fn times_done<S>(action: ServerAction<S>) -> Memo<u32>
where
    S: ServerFn + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
    S::Error: Clone + Send + Sync + 'static,
{
    Memo::new(move |before: Option<&u32>| before.copied().unwrap_or(0) + u32::from(action.value().with(|value| matches!(value, Some(Ok(_))))))
}

/// The form that is emptied each time the count goes up, so that nothing is sent twice. What is typed stays otherwise: when a page is loaded again the form
/// is the same element. (What stands in a closure, or in a `<For>`, is made anew then, and what was typed there is gone.)
pub fn emptied_after(done: Memo<u32>) -> NodeRef<Form> {
    let form = NodeRef::<Form>::new();
    Effect::new(move |before: Option<u32>| {
        let now = done.get();
        if before.is_some_and(|before| now > before)
            && let Some(form) = form.get_untracked()
        {
            form.reset();
        }
        now
    });
    form
}

/// What is said of a booking that orders may have lost units by.
pub fn booked_words(losers: usize) -> String {
    match losers {
        0 => "Booked.".to_owned(),
        1 => "Booked. One order counted on these units and is routed anew.".to_owned(),
        n => format!("Booked. {n} orders counted on these units and are routed anew."),
    }
}
