//! Commitments: how well those that were bought are used, and how much more is worth buying.
//!
//! [`curve`] prices a commitment against hourly usage, [`plan`] chooses levels from it, [`ladder`] spreads a
//! purchase over expiry dates, [`rates`] names the rates of the field, [`units`] what a reservation is bought in, [`scope`] says what a commitment can
//! cover, [`replay`] what is left of a rightsizing saving once the commitment is paid on, [`pool`] the same of many
//! findings, hour by hour. `f64` is for the
//! statistics over hours; whatever is published is [`Money`](crate::money::Money) or hundredths of a percent.
//! Nothing here knows a price list: discounts come from the own bill or are said to be assumed.

pub mod curve;
pub mod ladder;
pub mod plan;
pub mod pool;
pub mod rates;
pub mod replay;
pub mod scope;
pub mod units;
