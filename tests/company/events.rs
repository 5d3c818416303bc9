//! The planted anomalies: what happens to a meter, from when, and what a report should say of it.

use super::calendar::{Day, LAST_DAY, NOVEMBER, OCTOBER, SEPTEMBER, on};
use super::meters::{API_LOGS, LAKE, REPLAY, RESIZE, SHARED_NAT, VISION};

/// What happens to the quantity, in permille of the usual one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Times(i128),
    /// Grows by this much every day for fourteen days, then stays.
    Ramp(i128),
    /// The meter does not exist before the first day.
    Appears,
}

/// A planted anomaly. `usage_type` empty: all meters of the thing.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) thing: &'static str,
    pub(crate) usage_type: &'static str,
    pub(crate) first: Day,
    pub(crate) last: Day,
    pub(crate) shape: Shape,
    /// The word `anomalies.csv` uses.
    pub(crate) kind: &'static str,
    pub(crate) story: &'static str,
}

/// Every planted anomaly, by first day.
pub(crate) const EVENTS: &[Event] = &[
    Event {
        thing: RESIZE,
        usage_type: "",
        first: on(SEPTEMBER, 16),
        last: on(SEPTEMBER, 17),
        shape: Shape::Times(60_000),
        kind: "spike",
        story: "a function that triggers itself for two days",
    },
    Event {
        thing: API_LOGS,
        usage_type: "DataProcessing-Bytes",
        first: on(OCTOBER, 6),
        last: LAST_DAY,
        shape: Shape::Times(2800),
        kind: "level_shift",
        story: "debug logging left on",
    },
    Event {
        thing: LAKE,
        usage_type: "TimedStorage-ByteHrs",
        first: on(OCTOBER, 13),
        last: LAST_DAY,
        shape: Shape::Ramp(80),
        kind: "ramp",
        story: "a new feed without a lifecycle rule",
    },
    Event {
        thing: REPLAY,
        usage_type: "",
        first: on(OCTOBER, 20),
        last: LAST_DAY,
        shape: Shape::Times(0),
        kind: "drop",
        story: "a database deleted by mistake",
    },
    Event {
        thing: VISION,
        usage_type: "",
        first: on(NOVEMBER, 3),
        last: LAST_DAY,
        shape: Shape::Appears,
        kind: "new",
        story: "a machine learning trial nobody announced",
    },
    Event {
        thing: SHARED_NAT,
        usage_type: "NatGateway-Bytes",
        first: on(NOVEMBER, 10),
        last: on(NOVEMBER, 12),
        shape: Shape::Times(9000),
        kind: "spike",
        story: "artifacts copied through the NAT gateway",
    },
];

impl Event {
    pub(crate) fn touches(&self, thing: &str, usage_type: &str) -> bool {
        self.thing == thing && (self.usage_type.is_empty() || self.usage_type == usage_type)
    }

    /// Permille of the usual quantity on a day.
    fn factor(&self, day: Day) -> i128 {
        let running = self.first <= day && day <= self.last;
        match self.shape {
            Shape::Times(permille) if running => permille,
            Shape::Ramp(step) if running => {
                1000 + step * i128::from((day.0 - self.first.0 + 1).min(14))
            }
            Shape::Appears if !running => 0,
            _ => 1000,
        }
    }
}

/// Permille of the usual quantity that a meter has on a day.
pub(crate) fn factor(thing: &str, usage_type: &str, day: Day) -> i128 {
    let event = EVENTS.iter().find(|event| event.touches(thing, usage_type));
    event.map_or(1000, |event| event.factor(day))
}
