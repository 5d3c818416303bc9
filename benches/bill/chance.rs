//! Seeded chance. Whatever is named by the same numbers is the same in every file, format and run.

/// A stream of numbers.
pub(crate) struct Dice(u64);

impl Dice {
    /// The stream that these numbers name.
    pub(crate) fn of(names: &[u64]) -> Self {
        Self(names.iter().fold(0, |seed, &name| mix(seed ^ mix(name))))
    }

    /// The next number, by `SplitMix64` (Steele, Lea and Flood, 2014).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number of `0..end`; the bias of the remainder is below 2⁻³² for ends of bills.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }
}

/// Scrambles a number.
pub(crate) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Appends digits of a number in an alphabet of 16 or 32 letters, as many as asked for.
pub(crate) fn spell(seed: u64, length: usize, alphabet: &[u8], out: &mut String) {
    let bits = alphabet.len().trailing_zeros();
    let mut dice = Dice(seed);
    let (mut left, mut number) = (0, 0);
    for _ in 0..length {
        if left < bits {
            (left, number) = (64, dice.next());
        }
        let letter = usize::try_from(number % alphabet.len() as u64).unwrap_or(0);
        out.push(char::from(alphabet[letter]));
        number >>= bits;
        left -= bits;
    }
}

/// Hexadecimal digits.
pub(crate) const HEX: &[u8] = b"0123456789abcdef";
/// The letters of line item ids.
pub(crate) const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The letters of SKUs and rate codes.
pub(crate) const SKU: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
