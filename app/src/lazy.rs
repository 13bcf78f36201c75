//! Code that is loaded when it is first needed: the pages of an area are loaded together.

/// Makes the pages of an area into routes whose code comes in one piece. The second name is the one that `#[lazy]` gives to what loads the first ahead of
/// its use.
macro_rules! lazy_pages {
    ($show:ident, $preload:ident: $($page:ident),+ $(,)?) => {
        #[derive(Clone, Copy, Debug)]
        #[allow(clippy::enum_variant_names, reason = "they are called what the pages are")]
        enum PageOfArea {
            $($page),+
        }

        #[leptos::lazy]
        fn $show(page: PageOfArea) -> leptos::prelude::AnyView {
            match page {
                $(PageOfArea::$page => $page::view()),+
            }
        }

        $(
            impl leptos_router::LazyRoute for $page {
                fn data() -> Self {
                    Self
                }

                async fn view(_page: Self) -> leptos::prelude::AnyView {
                    $show(PageOfArea::$page).await
                }

                async fn preload() {
                    #[cfg(target_arch = "wasm32")]
                    $preload().await;
                }
            }
        )+
    };
}
pub(crate) use lazy_pages;
