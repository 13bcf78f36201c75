//! Carriers, zones, prices and ways of delivery: set in the browser, from a moment on, and tried out.

pub mod api;
mod rows;
mod setting_page;
mod settings_page;
mod try_page;

pub use setting_page::{NewSettingPage, SettingPage};
pub use settings_page::SettingsPage;
pub use try_page::TryPage;

crate::lazy::lazy_pages!(show_delivery, __preload_show_delivery: SettingPage, NewSettingPage, SettingsPage, TryPage);
