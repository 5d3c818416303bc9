//! Outlooks as bytes and back, to the last bit: so that they can be kept where nothing changed.

use super::{Outlook, Trial};

/// Outlooks as bytes.
pub fn pack(outlooks: &[Outlook]) -> Vec<u8> {
    let mut bytes = Vec::new();
    count(&mut bytes, outlooks.len());
    for one in outlooks {
        count(&mut bytes, one.steps.len());
        bytes.extend(one.steps.iter().flat_map(|step| step.to_le_bytes()));
        bytes.extend(one.wobble.to_le_bytes());
        count(&mut bytes, one.trials.len());
        for window in &one.trials {
            count(&mut bytes, window.len());
            for trial in window {
                bytes.push(u8::from(trial.is_some()));
                let trial = trial.unwrap_or(Trial {
                    forecast: 0.0,
                    actual: 0.0,
                });
                bytes.extend(trial.forecast.to_le_bytes());
                bytes.extend(trial.actual.to_le_bytes());
            }
        }
    }
    bytes
}

/// Bytes as outlooks; none where they are no whole number of them.
pub fn unpack(bytes: &[u8]) -> Option<Vec<Outlook>> {
    let mut left = bytes;
    let outlooks = (0..counted(&mut left)?)
        .map(|_| outlook(&mut left))
        .collect::<Option<Vec<Outlook>>>()?;
    left.is_empty().then_some(outlooks)
}

fn outlook(left: &mut &[u8]) -> Option<Outlook> {
    let steps = (0..counted(left)?).map(|_| number(left));
    let steps = steps.collect::<Option<Vec<f64>>>()?;
    let wobble = number(left)?;
    let trials = (0..counted(left)?).map(|_| {
        let window = (0..counted(left)?).map(|_| trial(left));
        window.collect::<Option<Vec<Option<Trial>>>>()
    });
    Some(Outlook {
        trials: trials.collect::<Option<_>>()?,
        steps,
        wobble,
    })
}

#[allow(
    clippy::option_option,
    reason = "no bytes left is damage, a trial that was not made is none"
)]
fn trial(left: &mut &[u8]) -> Option<Option<Trial>> {
    let (known, rest) = left.split_first()?;
    *left = rest;
    let (forecast, actual) = (number(left)?, number(left)?);
    Some((*known != 0).then_some(Trial { forecast, actual }))
}

fn count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend((count as u64).to_le_bytes());
}

fn counted(left: &mut &[u8]) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(eight(left)?)).ok()
}

fn number(left: &mut &[u8]) -> Option<f64> {
    eight(left).map(f64::from_le_bytes)
}

fn eight(left: &mut &[u8]) -> Option<[u8; 8]> {
    let (bytes, rest) = left.split_first_chunk::<8>()?;
    *left = rest;
    Some(*bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_half_of_it_does_not() {
        let trial = Trial {
            forecast: 0.1 + 0.2,
            actual: -0.0,
        };
        let outlooks = [
            Outlook::default(),
            Outlook {
                steps: vec![1.0 / 3.0, 5e-324],
                trials: vec![vec![Some(trial), None], vec![]],
                wobble: 0.3,
            },
        ];
        let bytes = pack(&outlooks);
        assert_eq!(unpack(&bytes).unwrap(), outlooks);
        for end in 0..bytes.len() {
            assert!(unpack(&bytes[..end]).is_none());
        }
        assert!(unpack(&[u8::MAX; 16]).is_none());
    }
}
