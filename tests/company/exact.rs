//! Decimals as whole numbers of 10⁻¹². Refuses floating point: the known totals must be exact.

/// An amount, a rate or a quantity in units of 10⁻¹².
pub(crate) type Pico = i128;

/// One whole unit.
pub(crate) const ONE: Pico = 1_000_000_000_000;

/// Bills carry at most ten decimals.
const TEN_DECIMALS: Pico = 100;

/// Reads a plain decimal of at most twelve decimals; the tables hold nothing else.
pub(crate) const fn dec(text: &str) -> Pico {
    let bytes = text.as_bytes();
    let (mut value, mut scale, mut at) = (0, ONE, 0);
    let mut decimals = false;
    while at < bytes.len() {
        if bytes[at] == b'.' {
            decimals = true;
        } else if bytes[at] != b'-' {
            value = value * 10 + (bytes[at] - b'0') as Pico;
            if decimals {
                scale /= 10;
            }
        }
        at += 1;
    }
    let sign = if !bytes.is_empty() && bytes[0] == b'-' {
        -1
    } else {
        1
    };
    sign * value * scale
}

/// `a × b`, rounded half up to ten decimals.
pub(crate) fn times(a: Pico, b: Pico) -> Pico {
    ratio(a, b, ONE)
}

/// `a × part ÷ whole`, rounded half up to ten decimals.
pub(crate) fn ratio(a: Pico, part: i128, whole: i128) -> Pico {
    round(a * part, whole * TEN_DECIMALS) * TEN_DECIMALS
}

/// Rounds to whole cents, half up.
pub(crate) fn cents(a: Pico) -> Pico {
    round(a, ONE / 100) * (ONE / 100)
}

fn round(value: i128, unit: i128) -> i128 {
    (2 * value + unit).div_euclid(2 * unit)
}

/// `1234.5`, `-0.02`, `0`: no exponent, no trailing zeros.
pub(crate) fn plain(a: Pico) -> String {
    let sign = if a < 0 { "-" } else { "" };
    let digits = format!("{}.{:012}", a.abs() / ONE, a.abs() % ONE);
    format!(
        "{sign}{}",
        digits.trim_end_matches('0').trim_end_matches('.')
    )
}

/// The way AWS prints a double: `1.0`, `0.0416`, and `6.71E-8` below a thousandth.
pub(crate) fn double(a: Pico) -> String {
    if a == 0 || a.abs() >= ONE / 1000 {
        let text = plain(a);
        return if text.contains('.') {
            text
        } else {
            text + ".0"
        };
    }
    let digits = a.abs().to_string();
    let exponent = 13 - digits.len();
    let sign = if a < 0 { "-" } else { "" };
    let rest = digits[1..].trim_end_matches('0');
    format!(
        "{sign}{}.{}E-{exponent}",
        &digits[..1],
        if rest.is_empty() { "0" } else { rest }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_and_written() {
        assert_eq!(dec("-12.05"), -12_050_000_000_000);
        assert_eq!(plain(dec("12.050")), "12.05");
        assert_eq!(plain(dec("7")), "7");
        assert_eq!(times(dec("0.5"), dec("0.0000000003")), dec("0.0000000002"));
    }

    #[test]
    fn small_doubles_get_an_exponent() {
        assert_eq!(double(dec("0.0000000671")), "6.71E-8");
        assert_eq!(double(dec("0.0005")), "5.0E-4");
        assert_eq!(double(dec("3")), "3.0");
        assert_eq!(double(dec("-0.00012")), "-1.2E-4");
    }
}
