//! One folder per place.

pub mod account;
pub mod board;
pub mod desk;
pub mod shop;
pub mod track;
pub mod work;
