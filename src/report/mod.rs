//! Tables to reports: definitions, CSV, charts, the weekly page, the summary; published all or nothing.
//!
//! Writers never compute a published number: what is wrong here was wrong before.

pub mod chart;
pub mod convert;
pub mod csv;
pub mod definition;
pub mod derive;
mod digits;
pub mod drawing;
pub mod focus_files;
pub mod page;
pub mod picture;
pub mod publish;
pub mod scripts;
pub mod table;
pub mod workbook;
