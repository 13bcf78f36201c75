//! Tables in and out: products, prices and stock as CSV or as workbooks.

pub mod api;
mod files_page;
mod import_page;

pub use files_page::FilesPage;
pub use import_page::ImportPage;

crate::lazy::lazy_pages!(show_files, __preload_show_files: FilesPage, ImportPage);
