//! Whose cost it is: cost centres, tags, shared pools.

use super::{Formula, Target, Value};
use crate::money::{Money, ratio};

/// A month's cost by what is known of its owner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// `EffectiveCost` of everything.
    pub effective: Money,
    /// `EffectiveCost` with a cost centre.
    pub allocated: Money,
    /// Cost by all required tags.
    pub tags: Option<Tags>,
    /// What shared pools held, and what nobody received of it.
    pub pooled: Option<(Money, Money)>,
}

/// Cost by all required tags.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tags {
    /// Every required tag has a valid value.
    pub valid: Money,
    /// Some value or key is not allowed.
    pub invalid: Money,
    /// Some required tag is missing.
    pub missing: Money,
    /// Cost that cannot carry tags.
    pub untaggable: Money,
    /// Cost that the policy excuses.
    pub exempt: Money,
}

impl Tags {
    fn taggable(self) -> Money {
        self.valid + self.invalid + self.missing
    }
}

impl Sums {
    /// A share of taggable cost. Of negative parts there are no shares between nothing and all, so none is given.
    fn tagged(&self, part: fn(Tags) -> Money, whole: fn(Tags) -> Money) -> Option<Value> {
        let tags = self.tags?;
        let sound = [tags.valid, tags.invalid, tags.missing]
            .iter()
            .all(|part| *part >= Money::ZERO);
        sound.then_some(())?;
        ratio(part(tags), whole(tags)).map(Value::Percent)
    }
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "allocated cost",
        target: Some(Target::AtLeast(9_000)),
        definition: "EffectiveCost with a cost centre / EffectiveCost",
        value: |sums| ratio(sums.allocated, sums.effective).map(Value::Percent),
    },
    Formula {
        name: "unallocated cost",
        target: Some(Target::AtMost(1_000)),
        definition: "EffectiveCost without a cost centre / EffectiveCost",
        value: |sums| ratio(sums.effective - sums.allocated, sums.effective).map(Value::Percent),
    },
    Formula {
        name: "tag-compliant cost",
        target: Some(Target::AtLeast(9_500)),
        definition: "Taggable cost with every required tag valid / taggable cost",
        value: |sums| sums.tagged(|tags| tags.valid, Tags::taggable),
    },
    Formula {
        name: "tagged cost",
        target: None,
        definition: "Taggable cost with every required tag, valid or not / taggable cost",
        value: |sums| sums.tagged(|tags| tags.valid + tags.invalid, Tags::taggable),
    },
    Formula {
        name: "wrongly tagged cost",
        target: None,
        definition: "Taggable cost with a value or key the policy does not allow / taggable cost",
        value: |sums| sums.tagged(|tags| tags.invalid, Tags::taggable),
    },
    Formula {
        name: "untagged cost",
        target: None,
        definition: "Taggable cost lacking a required tag / taggable cost",
        value: |sums| sums.tagged(|tags| tags.missing, Tags::taggable),
    },
    Formula {
        name: "untaggable cost",
        target: None,
        definition: "Cost that cannot carry tags / all cost",
        value: |sums| {
            let all = |tags: Tags| tags.taggable() + tags.untaggable + tags.exempt;
            sums.tagged(|tags| tags.untaggable, all)
        },
    },
    Formula {
        name: "shared cost distributed",
        target: None,
        definition: "Cost of shared pools that owners received / cost of shared pools",
        value: |sums| {
            let (held, left) = sums.pooled?;
            ratio(held - left, held).map(Value::Percent)
        },
    },
    Formula {
        name: "shared cost left",
        target: None,
        definition: "Cost of shared pools that nobody received",
        value: |sums| {
            let (held, left) = sums.pooled?;
            (held != Money::ZERO).then_some(Value::Money(left))
        },
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn every_share_of_owners_and_tags() {
        let sums = Sums {
            effective: money("200"),
            allocated: money("182"),
            tags: Some(Tags {
                valid: money("80"),
                invalid: money("10"),
                missing: money("10"),
                untaggable: money("60"),
                exempt: money("40"),
            }),
            pooled: Some((money("50"), money("5"))),
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "allocated cost: 91.00% met",
                "unallocated cost: 9.00% met",
                "tag-compliant cost: 80.00% missed",
                "tagged cost: 90.00%",
                "wrongly tagged cost: 10.00%",
                "untagged cost: 10.00%",
                "untaggable cost: 30.00%",
                "shared cost distributed: 90.00%",
                "shared cost left: 5.00",
            ]
        );
    }

    #[test]
    fn of_negative_parts_there_are_no_shares() {
        let sums = Sums {
            tags: Some(Tags {
                valid: money("-1"),
                missing: money("10"),
                ..Tags::default()
            }),
            ..Sums::default()
        };
        assert_eq!(told(FORMULAS, &sums), Vec::<String>::new());
    }
}
