//! Cloudtally: cloud bills in, exact reports out.

pub mod engine;
pub mod error;
pub mod focus;
pub mod lake;
pub mod money;
pub mod period;
pub mod resource;
pub mod source;
