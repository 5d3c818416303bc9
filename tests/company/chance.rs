//! Seeded chance: every draw is named by a text, so adding a row elsewhere moves no other number.

/// A stream of numbers named by a text.
pub(crate) struct Dice(u64);

impl Dice {
    /// FNV-1a of the name is the seed.
    pub(crate) fn of(name: &str) -> Self {
        let step = |seed: u64, byte| (seed ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, step))
    }

    /// The next number of `SplitMix64` (Steele, Lea and Flood, 2014).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of `0..end`.
    pub(crate) fn below(&mut self, end: u64) -> i128 {
        i128::from(self.next() % end)
    }

    /// About bell-shaped, within plus or minus `spread`.
    pub(crate) fn around(&mut self, spread: u64) -> i128 {
        let draws: i128 = (0..3).map(|_| self.below(2 * spread + 1)).sum();
        draws / 3 - i128::from(spread)
    }
}

/// `length` lower-case hexadecimal digits, always the same for a name.
pub(crate) fn hex(name: &str, length: usize) -> String {
    let mut dice = Dice::of(name);
    let mut text = String::new();
    while text.len() < length {
        text += &format!("{:016x}", dice.next());
    }
    text.truncate(length);
    text
}

/// A name in the shape of a UUID.
pub(crate) fn uuid(name: &str) -> String {
    let h = hex(name, 32);
    format!(
        "{}-{}-{}-{}-{}",
        &h[..8],
        &h[8..12],
        &h[12..16],
        &h[16..20],
        &h[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_always_gives_the_same_number() {
        assert_eq!(Dice::of("a").next(), Dice::of("a").next());
        assert_ne!(Dice::of("a").next(), Dice::of("b").next());
    }

    #[test]
    fn noise_stays_inside_its_spread() {
        let mut dice = Dice::of("noise");
        assert!((0..1000).all(|_| dice.around(30).abs() <= 30));
    }
}
