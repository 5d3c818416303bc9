//! Decimals as whole numbers of 10⁻¹², read by the tests themselves: a second opinion on every sum, so
//! none of the program's own code is used here.

/// Reads a decimal with sign, point and exponent; more than twelve decimals are rounded half to even.
/// Empty text is nothing.
pub(crate) fn pico(text: &str) -> i128 {
    let text = text.trim();
    if text.is_empty() {
        return 0;
    }
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().unwrap()),
        None => (text, 0),
    };
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, number.trim_start_matches('+')),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits: i128 = format!("0{whole}{part}").parse().unwrap();
    let shift = 12 + exponent - i32::try_from(part.len()).unwrap();
    sign * if shift >= 0 {
        digits * 10i128.pow(shift.unsigned_abs())
    } else {
        half_even(digits, 10i128.pow(shift.unsigned_abs()))
    }
}

/// The decimal of so many units of 10⁻¹², for bills that tests write.
pub(crate) fn plain(units: i128) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let (whole, part) = (units.abs() / 10i128.pow(12), units.abs() % 10i128.pow(12));
    format!("{sign}{whole}.{part:012}")
}

fn half_even(digits: i128, step: i128) -> i128 {
    let (quotient, rest) = (digits / step, digits % step);
    let up = rest * 2 > step || (rest * 2 == step && quotient % 2 == 1);
    quotient + i128::from(up)
}

#[test]
fn decimals_are_read_exactly() {
    assert_eq!(pico("-12.05"), -12_050_000_000_000);
    assert_eq!(pico("1.81E-8"), 18_100);
    assert_eq!(pico("0.0000000000005"), 0);
    assert_eq!(pico("0.0000000000015"), 2);
    assert_eq!(pico(&plain(-7)), -7);
}
