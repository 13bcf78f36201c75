use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Counts how often an action has succeeded. As the key of a form it makes a new one each time, so that nothing is sent twice, and keeps what is
/// typed while the page around it changes.
pub fn times_done<S>(action: ServerAction<S>) -> Memo<u32>
where
    S: ServerFn + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
    S::Error: Clone + Send + Sync + 'static,
{
    Memo::new(move |before: Option<&u32>| before.copied().unwrap_or(0) + u32::from(action.value().with(|value| matches!(value, Some(Ok(_))))))
}

/// What is said of a booking that orders may have lost units by.
pub fn booked_words(losers: usize) -> String {
    match losers {
        0 => "Booked.".to_owned(),
        1 => "Booked. One order counted on these units and is routed anew.".to_owned(),
        n => format!("Booked. {n} orders counted on these units and are routed anew."),
    }
}
