//! The design system: parts without a word of the domain.

mod chart;
mod field;
mod icon;
mod note;
mod paging;
mod time;

pub use chart::{BarChart, ChartPoint};
pub use field::{Button, FileField, SelectField, SelectFrame, TextArea, TextField};
pub use icon::Icon;
pub use note::{Badge, EmptyState, ErrorNote, Stat, Tone};
pub use paging::{Chip, Chips, NextPage, encode};
pub use time::{When, day_seen_from, day_words, long_day, span_words};
