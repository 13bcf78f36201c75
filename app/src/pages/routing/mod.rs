//! Routing in the browser: rules as sentences, worked on as drafts, published as versions, put in force from when until when.

pub mod api;
mod draft_page;
mod editor;
mod flow_map;
mod move_page;
mod routing_page;
mod sentence;
mod simulate;
mod simulation_page;
mod trial_page;
mod version_page;

pub use draft_page::DraftPage;
pub use move_page::MovePage;
pub use routing_page::RoutingPage;
pub use simulation_page::SimulationPage;
pub use trial_page::TrialPage;
pub use version_page::VersionPage;

crate::lazy::lazy_pages!(show_routing, __preload_show_routing: DraftPage, MovePage, RoutingPage, SimulationPage, TrialPage, VersionPage);
