//! The disruption desk: what is out of order, what that does to orders, and putting it right again.

pub mod api;
mod desk_page;
mod disruption_page;
mod work;

pub use desk_page::DisruptionDeskPage;
pub use disruption_page::DisruptionPage;

crate::lazy::lazy_pages!(show_disruptions, __preload_show_disruptions: DisruptionDeskPage, DisruptionPage);
