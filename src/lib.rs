//! Cloudtally: cloud bills in, exact reports out.

pub mod analysis;
pub mod cli;
pub mod command;
pub mod config;
pub mod engine;
pub mod error;
pub mod focus;
pub mod inventory;
pub mod lake;
pub mod money;
pub mod period;
pub mod policy;
pub mod report;
pub mod resource;
pub mod source;
pub mod tags;
