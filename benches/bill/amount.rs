//! Amounts as whole numbers of 10⁻¹⁰: bills carry ten decimals. Refuses floating point; totals are exact.

/// An amount, a rate or a quantity in units of 10⁻¹⁰.
pub(crate) type Amount = i64;

/// One whole unit.
pub(crate) const ONE: Amount = 10_000_000_000;

/// Reads a plain positive decimal of at most ten decimals.
pub(crate) fn read(text: &str) -> Option<Amount> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let places = u32::try_from(decimals.len()).ok().filter(|&n| n <= 10)?;
    let decimals = if decimals.is_empty() { "0" } else { decimals };
    let part = decimals.parse::<Amount>().ok()? * 10_i64.pow(10 - places);
    Some(whole.parse::<Amount>().ok()? * ONE + part)
}

/// `a × part ÷ whole`, rounded half up.
pub(crate) fn share(a: Amount, part: Amount, whole: Amount) -> Amount {
    let product = i128::from(a) * i128::from(part);
    let rounded = (2 * product + i128::from(whole)).div_euclid(2 * i128::from(whole));
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

/// Appends all ten decimals: `0.0416000000`.
pub(crate) fn write(amount: Amount, out: &mut String) {
    let mut digits = [b'0'; 24];
    let (mut at, mut left) = (digits.len(), amount.unsigned_abs());
    let mut places = 0;
    while left > 0 || places < 11 {
        at -= 1;
        digits[at] = b'0' + u8::try_from(left % 10).unwrap_or(0);
        left /= 10;
        places += 1;
        if places == 10 {
            at -= 1;
            digits[at] = b'.';
        }
    }
    if amount < 0 {
        out.push('-');
    }
    out.extend(digits[at..].iter().map(|&digit| char::from(digit)));
}

/// Appends as few decimals as the amount needs: `0.0416`, `5`.
pub(crate) fn write_short(amount: Amount, out: &mut String) {
    write(amount, out);
    let length = out.trim_end_matches('0').trim_end_matches('.').len();
    out.truncate(length);
}

/// A sum of amounts as exact text.
pub(crate) fn sum_text(sum: i128) -> String {
    let (whole, part) = (
        sum.unsigned_abs() / 10_000_000_000,
        sum.unsigned_abs() % 10_000_000_000,
    );
    let sign = if sum < 0 { "-" } else { "" };
    format!("{sign}{whole}.{part:010}")
}

/// The nearest double.
#[allow(
    clippy::cast_precision_loss,
    reason = "below 2^53, so one rounding in all"
)]
pub(crate) fn double(amount: Amount) -> f64 {
    amount as f64 / ONE as f64
}
