//! Exact amounts of money: integers of 10⁻¹² currency units, never floats.
//!
//! Source amounts are rounded once, here, half to even. Sums are exact and do not depend on order.
//! Division exists as a split whose parts add up to the whole (largest remainder), and as a price per unit.

mod split;

pub use split::{per, percent, ratio, shares, split};

use std::fmt;

/// Decimal places of every stored amount.
pub const SCALE: usize = 12;
/// Digits of every stored amount: `Decimal(26, 12)` at rest.
pub const PRECISION: usize = 26;
/// One currency unit in stored units.
const ONE: i128 = 1_000_000_000_000;
/// The first stored value that no longer fits `Decimal(26, 12)`.
const BOUND: i128 = 100_000_000_000_000 * ONE;

/// Decimals of a currency's smallest unit (ISO 4217): cents for most.
pub fn minor_units(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// An amount in some currency, exact to 12 decimals. The currency travels beside it, in its own column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i128);

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMoney {
    /// It has characters that no plain decimal has (a thousands separator, a currency sign, a word).
    Unreadable,
    /// It is 10¹⁴ or more; the engine would wrap silently, so it stops at the door.
    TooLarge,
}

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// From stored units (10⁻¹² of a currency unit).
    pub const fn from_units(units: i128) -> Money {
        Money(units)
    }

    /// The stored units (10⁻¹² of a currency unit).
    pub const fn units(self) -> i128 {
        self.0
    }

    /// Reads a plain decimal: sign, digits, point, E notation. More than 12 decimals round half to even.
    ///
    /// ```
    /// # use cloudtally::money::Money;
    /// assert_eq!(Money::parse(b"2.5E-3").unwrap().to_string(), "0.0025");
    /// assert!(Money::parse(b"1,204.50").is_err());
    /// ```
    pub fn parse(text: &[u8]) -> Result<Money, NotMoney> {
        let (negative, digits) = match text.first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let number = Decimal::read(digits).ok_or(NotMoney::Unreadable)?;
        let units = number.scaled().ok_or(NotMoney::TooLarge)?;
        bounded(if negative { -units } else { units }).ok_or(NotMoney::TooLarge)
    }

    /// From a double, by the shortest decimal that names it.
    pub fn from_f64(value: f64) -> Result<Money, NotMoney> {
        if !value.is_finite() {
            return Err(NotMoney::Unreadable);
        }
        Money::parse(format!("{value:e}").as_bytes())
    }

    /// A copy for charts and statistics; never for a published amount.
    #[allow(clippy::cast_precision_loss, reason = "a statistical copy")]
    pub fn approximate(self) -> f64 {
        self.0 as f64 / 1e12
    }

    /// The sum of two amounts; `None` where it would not fit.
    pub fn plus(self, other: Money) -> Option<Money> {
        bounded(self.0 + other.0)
    }

    /// The absolute amount.
    #[must_use]
    pub fn abs(self) -> Money {
        Money(self.0.abs())
    }

    /// This amount times a factor of the same scale (a rate times a quantity), rounded half to even.
    /// `None` where the product does not fit.
    pub fn times(self, factor: Money) -> Option<Money> {
        let negative = (self.0 < 0) != (factor.0 < 0);
        let (a, b) = (self.0.unsigned_abs(), factor.0.unsigned_abs());
        let one = ONE.unsigned_abs();
        let whole = (a / one).checked_mul(b)?;
        let part = (a % one).checked_mul(b)?;
        let units = whole.checked_add(half_even(part, one, false))?;
        let units = i128::try_from(units).ok()?;
        bounded(if negative { -units } else { units })
    }

    /// Rounded half to even to this many decimals (0 to 12).
    #[must_use]
    pub fn rounded(self, decimals: usize) -> Money {
        let step = 10u128.pow(u32::try_from(SCALE - decimals.min(SCALE)).unwrap_or(0));
        let units = half_even(self.0.unsigned_abs(), step, false) * step;
        let units = i128::try_from(units).unwrap_or(i128::MAX);
        Money(if self.0 < 0 { -units } else { units })
    }

    /// The plain decimal with exactly this many decimals, rounded half to even.
    pub fn fixed(self, decimals: usize) -> String {
        let rounded = self.rounded(decimals);
        let text = rounded.digits();
        text[..text.len() - (SCALE - decimals.min(SCALE))]
            .trim_end_matches('.')
            .to_owned()
    }

    fn digits(self) -> String {
        let units = self.0.unsigned_abs();
        let one = ONE.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}.{:012}", units / one, units % one)
    }
}

fn bounded(units: i128) -> Option<Money> {
    (units.abs() < BOUND).then_some(Money(units))
}

/// Two decimals at least, more only where they are not zero: `12.50`, `0.0000008`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(units) = u64::try_from(self.0.unsigned_abs()) else {
            let text = self.digits();
            let point = text.len() - SCALE;
            let kept = text.trim_end_matches('0').len().max(point + 2);
            return f.write_str(&text[..kept]);
        };
        // Most amounts: a number of 64 bits has 20 digits at most, and one of them stands before the point.
        let (mut units, mut digits, mut at) = (units, [b'0'; 21], 21);
        while units > 0 || 21 - at < SCALE + 2 {
            at -= 1;
            if at + SCALE + 1 == 21 {
                digits[at] = b'.';
            } else {
                digits[at] = b'0' + u8::try_from(units % 10).unwrap_or(0);
                units /= 10;
            }
        }
        let text = std::str::from_utf8(&digits[at..]).unwrap_or_default();
        let kept = text.trim_end_matches('0').len().max(text.len() - SCALE + 2);
        f.write_str(if self.0 < 0 { "-" } else { "" })?;
        f.write_str(&text[..kept])
    }
}

/// As a plain decimal text, so that no reader makes a double of it.
impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Money, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(from)?;
        Money::parse(text.as_bytes())
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is no amount")))
    }
}

impl std::ops::Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}

impl std::ops::Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl std::ops::Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, |a, b| a + b)
    }
}

/// Digits × 10^exponent, with a mark for digits beyond the 36th.
struct Decimal {
    mantissa: u128,
    exponent: i32,
    sticky: bool,
}

impl Decimal {
    fn read(text: &[u8]) -> Option<Decimal> {
        let mut number = Decimal {
            mantissa: 0,
            exponent: 0,
            sticky: false,
        };
        let (mut seen, mut point) = (0usize, false);
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'0'..=b'9' => {
                    seen += 1;
                    number.push(byte - b'0', point);
                }
                b'.' if !point => point = true,
                b'e' | b'E' if seen > 0 => {
                    number.exponent += exponent(&text[at + 1..])?;
                    return Some(number);
                }
                _ => return None,
            }
            at += 1;
        }
        (seen > 0).then_some(number)
    }

    fn push(&mut self, digit: u8, after_point: bool) {
        if self.mantissa < 10u128.pow(36) {
            self.mantissa = self.mantissa * 10 + u128::from(digit);
            self.exponent -= i32::from(after_point);
        } else {
            self.sticky |= digit != 0;
            self.exponent += i32::from(!after_point);
        }
    }

    /// In stored units, rounded half to even; `None` where it cannot fit.
    fn scaled(&self) -> Option<i128> {
        if self.mantissa == 0 {
            return Some(0);
        }
        let shift = self.exponent.checked_add(12)?;
        let units = match u32::try_from(shift) {
            Ok(up) => self.mantissa.checked_mul(10u128.checked_pow(up)?)?,
            Err(_) if shift < -37 => 0,
            Err(_) => half_even(self.mantissa, 10u128.pow(shift.unsigned_abs()), self.sticky),
        };
        i128::try_from(units).ok()
    }
}

fn exponent(text: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(text).ok()?;
    text.parse::<i32>().ok().filter(|e| e.abs() < 400)
}

/// `number / step`, ties to the even neighbour; `sticky` says that more digits followed.
fn half_even(number: u128, step: u128, sticky: bool) -> u128 {
    let (quotient, rest) = (number / step, number % step);
    let up = match rest.cmp(&(step - rest)) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => sticky || quotient % 2 == 1,
        std::cmp::Ordering::Less => false,
    };
    quotient + u128::from(up && rest > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn plain_signed_and_e_notation_are_read() {
        assert_eq!(money("12.5").units(), 12_500_000_000_000);
        assert_eq!(money("-0.0000008").to_string(), "-0.0000008");
        assert_eq!(money("+3").to_string(), "3.00");
        assert_eq!(money("2.323760000E-9").units(), 2324);
        assert_eq!(money("1e3").to_string(), "1000.00");
        assert_eq!(money(".5").to_string(), "0.50");
        assert_eq!(money("0E-400x".trim_end_matches("00x")).units(), 0);
    }

    #[test]
    fn thirteen_decimals_round_half_to_even() {
        assert_eq!(money("0.0000000000005").units(), 0);
        assert_eq!(money("0.0000000000015").units(), 2);
        assert_eq!(
            money("0.00000000000050000000000000000000000000001").units(),
            1
        );
        assert_eq!(money("-0.0000000000025").units(), -2);
    }

    #[test]
    fn what_is_no_amount_says_why() {
        for text in [
            "", "1,204.50", "NULL", "$3", "1.2.3", "--1", "1e", " 1", ".",
        ] {
            assert_eq!(
                Money::parse(text.as_bytes()),
                Err(NotMoney::Unreadable),
                "{text}"
            );
        }
        assert_eq!(Money::parse(b"100000000000000"), Err(NotMoney::TooLarge));
        assert_eq!(Money::parse(b"1e300"), Err(NotMoney::TooLarge));
        assert!(Money::parse(b"99999999999999.999999999999").is_ok());
    }

    #[test]
    fn a_rate_times_a_quantity_is_exact_then_rounded() {
        assert_eq!(money("0.000015").times(money("20")), Some(money("0.0003")));
        assert_eq!(money("-0.1").times(money("0.1")), Some(money("-0.01")));
        assert_eq!(
            money("0.000001").times(money("0.0000005")),
            Some(money("0"))
        );
        assert_eq!(money("90000000000000").times(money("90")), None);
    }

    #[test]
    fn fixed_decimals_round_half_to_even() {
        assert_eq!(money("2.345").fixed(2), "2.34");
        assert_eq!(money("2.355").fixed(2), "2.36");
        assert_eq!(money("-2.5").fixed(0), "-2");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(units in -BOUND + 1..BOUND) {
            let amount = Money::from_units(units);
            prop_assert_eq!(Money::parse(amount.to_string().as_bytes()), Ok(amount));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = Money::parse(text.as_bytes());
        }

        #[test]
        fn rounding_agrees_with_doubles_nearby(value in -1e9f64..1e9) {
            let read = Money::from_f64(value).unwrap().approximate();
            prop_assert!((read - value).abs() <= 1e-6);
        }
    }
}
