//! Cloudtally: cloud bills in, exact reports out.
//!
//! # The street
//!
//! ```text
//! bills ──▶ source/ ──▶ lake (FOCUS Parquet,  ──▶ facts (SQL, one result   ──▶ analysis/ ──▶ report/ ──▶ CSV, PNG, HTML
//!                       by source and month)      per billing month, kept)     in parallel   published all or nothing
//! inventories, metrics, policy ─────────────────────────────────────────────▶
//! ```
//!
//! 1. **Every bill becomes FOCUS.** One SQL `SELECT` per format in `queries/focus/`, with a `.toml` beside it
//!    that says how the header is recognised and how cells are typed. Our own columns start with `x_`.
//! 2. **Only the facts read line items** (`queries/facts/`). They are additive and run part by part and month by
//!    month; each result is kept under a name made from its inputs and its SQL. Where nothing changed, no line
//!    item is read.
//! 3. **Everything after the facts is small.** `queries/reports/` and `queries/analysis/` ask the questions,
//!    [`analysis`] holds the methods that are loops over statistics.
//! 4. **[`engine`] is the one seam** between the house and what runs its SQL.
//!
//! # Who knows whom
//!
//! Imports run downward: [`error`], [`period`], [`money`], [`focus`], [`resource`] and [`tags`] know nothing above
//! them; [`fx`], [`invoice`] and [`units`] read the small files that people keep; [`lake`] knows FOCUS; [`engine`] knows the lake; [`source`], [`inventory`] and [`analysis`] never know each
//! other; [`report`] writes and computes nothing that is published; only [`command`] knows all. `analysis` touches
//! no file, socket, clock or config. stdout is for data, stderr for people. `tests/house.rs` holds the house to it.
//!
//! # Invariants
//!
//! - **Closed books.** Export = accepted + set aside; accepted = lake = facts = every report that claims to
//!   cover it, to the last digit. [`analysis::books`] computes the chain, a break publishes nothing.
//! - **Exact money.** [`money::Money`] is an integer of 10⁻¹² units from the cell to the CSV. Sources are rounded
//!   once, at the door; shares and splits go to the largest remainder; `f64` is for statistics and charts.
//! - **Never across currencies.** Every grouping carries `BillingCurrency`; a conversion uses a rate that the user
//!   gave, beside the billed amount, and says so in a column.
//! - **Nothing lost.** A row that cannot be understood is set aside with its place and counted in the books.
//! - **A period is replaced whole**, by the rename of its manifest, after the run that read it is published: a
//!   run that fails changes nothing that the next one sees. Each day's periods are kept ([`lake::Snapshot`]),
//!   what they name stays, and what nothing names any more is swept. The same file twice, or one account's month
//!   from two bills, is refused.
//! - **Same input, same bytes**, whatever the thread count, the order or the split of the files.
//! - **All or nothing.** A run is staged beside its target and published by one rename (or one exchange).
//!
//! # How to add
//!
//! A report: a `.sql` and a `.toml` in the `[reports]` folder, no rebuild. A bill format: one `.toml` and one
//! `.sql` in `queries/focus/`, one line in `source/format.rs`. A fact: one `.sql` and one line in
//! `engine/facts.rs`. A method: one file in `analysis/`, one variant of [`report::definition::Method`].

pub mod analysis;
pub mod cli;
pub mod command;
pub mod condition;
pub mod config;
pub mod engine;
pub mod error;
pub mod focus;
pub mod fx;
pub mod inventory;
pub mod invoice;
pub mod lake;
pub mod money;
pub mod period;
pub mod policy;
pub mod report;
pub mod resource;
mod sheet;
pub mod showback;
pub mod source;
pub mod tags;
pub mod units;
