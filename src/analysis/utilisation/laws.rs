//! Laws of profiles, on random samples.
#![allow(clippy::float_cmp, reason = "equal samples give equal figures")]

use super::*;
use proptest::prelude::*;

fn series(period: u32, samples: &[(i64, f32)]) -> Usage {
    Usage {
        resource: "i-1".into(),
        metric: Metric::Cpu,
        statistic: Statistic::Average,
        period,
        samples: samples.iter().copied().collect(),
    }
}

proptest! {
    #[test]
    fn a_gap_does_not_weigh(values in proptest::collection::vec(0u8..100, 1..60), at in 0usize..60, gap in 1i64..5000) {
        let near = |skip: i64| -> Vec<(i64, f32)> {
            let time = |i: usize| i64::try_from(i).unwrap() * 300 + if i >= at { skip * 300 } else { 0 };
            values.iter().enumerate().map(|(i, &value)| (time(i), f32::from(value))).collect()
        };
        let window = 0..i64::MAX;
        let (with, without) = (series(300, &near(gap)), series(300, &near(0)));
        let (with, without) = (Profile::of(&with, &window).unwrap(), Profile::of(&without, &window).unwrap());
        for share in [0.0, 0.5, 0.9, 0.95, 0.995, 1.0] {
            prop_assert_eq!(with.percentile(share), without.percentile(share));
        }
        prop_assert_eq!((with.hours, with.mean, with.share_above(50.0)), (without.hours, without.mean, without.share_above(50.0)));
    }

    #[test]
    fn what_finer_samples_cover_counts_once(values in proptest::collection::vec(0u8..100, 12..60), hour in 0u8..100) {
        let at = |i: usize| i64::try_from(i).unwrap() * 300;
        let fine: Vec<_> = values.iter().enumerate().map(|(i, &value)| (at(i), f32::from(value))).collect();
        let fine = series(300, &fine);
        let covered = series(3600, &[(0, f32::from(hour))]);
        let alone = Profile::of(&fine, &(0..i64::MAX)).unwrap();
        let both = best(&[covered, fine], Metric::Cpu, &(0..i64::MAX), 0.0).unwrap();
        prop_assert_eq!(alone.samples, both.samples);
    }

    #[test]
    fn percentiles_are_those_of_every_second_laid_out(
        samples in proptest::collection::vec((0i64..60, 1u8..20), 1..30), share in 0.0f64..1.0
    ) {
        let usage = series(7, &samples.iter().map(|&(at, value)| (at, f32::from(value))).collect::<Vec<_>>());
        let profile = Profile::of(&usage, &(0..100)).unwrap();
        let mut seconds: Vec<u8> = Vec::new();
        for second in 0..70 {
            // The last sample that began counts, for at most its period; of those at one time the highest.
            let begun = samples.iter().filter(|s| (second - 6..=second).contains(&s.0));
            seconds.extend(begun.max_by_key(|s| (s.0, s.1)).map(|s| s.1));
        }
        seconds.sort_unstable();
        #[allow(clippy::cast_precision_loss, clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "few")]
        let rank = ((seconds.len() as f64 * share).ceil() as usize).clamp(1, seconds.len());
        prop_assert_eq!(profile.percentile(share), f64::from(seconds[rank - 1]));
    }
}
