//! Which bill is wanted: so many rows, files, months and resources, and a seed.

/// Everything that decides the bytes of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Rows in all months together.
    pub(crate) rows: usize,
    /// Files of every month.
    pub(crate) files: usize,
    pub(crate) months: usize,
    pub(crate) seed: u64,
    /// Half as many resources as rows, instead of one for fifty rows.
    pub(crate) many_resources: bool,
    /// The newest month as a later delivery has it: every amount of it is drawn anew.
    pub(crate) restated: bool,
}

impl Plan {
    /// A folder name that no other plan has. The number at the end is raised with every change to the
    /// generator.
    pub(crate) fn name(&self) -> String {
        let resources = if self.many_resources {
            "-many-resources"
        } else {
            ""
        };
        let restated = if self.restated { "-restated" } else { "" };
        let Plan {
            rows,
            files,
            months,
            seed,
            ..
        } = self;
        format!("cur-{rows}-rows-{months}x{files}-files{resources}{restated}-seed-{seed}-v2")
    }

    /// Resources in all: a real bill repeats them hour by hour.
    pub(super) fn resources(&self) -> u64 {
        (self.rows as u64 / if self.many_resources { 2 } else { 50 }).max(1)
    }

    /// Rows of one file; the first ones take what does not divide.
    pub(super) fn rows_of(&self, month: usize, file: usize) -> usize {
        let part =
            |rows: usize, parts: usize, at: usize| rows / parts + usize::from(at < rows % parts);
        part(part(self.rows, self.months, month), self.files, file)
    }

    /// What names the draws of a month.
    pub(super) fn seed_of(&self, month: usize) -> u64 {
        let restated = self.restated && month + 1 == self.months;
        2 * self.seed + u64::from(restated)
    }
}
