//! What a page loads from a server function: on the server while it renders, in the browser when its source changes.

use crate::error::ApiError;
use leptos::prelude::{Get as _, Memo, Resource, ServerAction, With as _};
use leptos::server::codee::{Decoder, Encoder};
use leptos::server_fn::ServerFn;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

/// A page's data.
pub type Loaded<T> = Resource<Result<T, ApiError>, SliceJson>;

/// JSON read from bytes, as server functions read their answers. With Leptos's own codec, which reads from text, every type would be
/// downloaded with two deserializers.
pub struct SliceJson;

impl<T: Serialize> Encoder<T> for SliceJson {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, serde_json::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for SliceJson {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, serde_json::Error> {
        serde_json::from_slice(text.as_bytes())
    }
}

/// Loads with a server function, again whenever the source changes.
pub fn load<S, T, F>(source: impl Fn() -> S + Send + Sync + 'static, fetch: impl Fn(S) -> F + Send + Sync + 'static) -> Loaded<T>
where
    S: Send + Sync + Clone + PartialEq + 'static,
    T: Send + Sync + Serialize + DeserializeOwned + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    Resource::new_with_options(source, fetch, false)
}

/// Goes up each time an action succeeds. What is loaded again when it does is left alone by a refusal, and so is what was typed.
pub fn succeeded<S>(action: ServerAction<S>) -> Memo<usize>
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    Memo::new(move |before: Option<&usize>| {
        let version = action.version().get();
        let is_done = action.value().with(|answer| matches!(answer, Some(Ok(_))));
        if is_done { version } else { before.copied().unwrap_or(0) }
    })
}
