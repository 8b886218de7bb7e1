//! How counted totals may be read: each row's rate, each treated row's lift over the control that was counted in the same phase.

use std::collections::BTreeMap;

use noren_stats::{Confidence, Proportion, relative_lift, wilson};
use noren_wire::admin::{Estimate, NumbersRow};

/// What the intervals of the console are made for.
const CONFIDENCE: Confidence = Confidence::NINETY_FIVE;

/// Add rate and lift to rows that are whole: call it on the sums of all shards, never on one shard's share. Control visitors see no
/// variant, so all control rows of a phase are one control. Who met two variants is compared with nobody.
pub fn readable(mut rows: Vec<NumbersRow>) -> Vec<NumbersRow> {
    let mut controls: BTreeMap<(String, i64), (f64, f64)> = BTreeMap::new();
    for row in rows.iter().filter(|row| is_control(row)) {
        let (converted, visitors) = controls.entry((row.id.clone(), row.phase)).or_default();
        *converted += row.converted;
        *visitors += row.visitors;
    }
    for row in &mut rows {
        let rate = Proportion::new(row.converted, row.visitors);
        row.rate = rate.map(|rate| wire(wilson(rate, CONFIDENCE)));
        let control = controls.get(&(row.id.clone(), row.phase)).filter(|_| row.arm == "treated");
        let control = control.and_then(|(converted, visitors)| Proportion::new(*converted, *visitors));
        row.lift =
            rate.zip(control).and_then(|(treated, control)| relative_lift(control, treated, CONFIDENCE)).map(wire);
    }
    rows
}

fn is_control(row: &NumbersRow) -> bool {
    row.arm == "control"
}

fn wire(estimate: noren_stats::Estimate) -> Estimate {
    Estimate { value: estimate.value, low: estimate.low, high: estimate.high }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(arm: &str, phase: i64, converted: f64, visitors: f64) -> NumbersRow {
        NumbersRow { id: "linger".into(), arm: arm.into(), phase, converted, visitors, ..NumbersRow::default() }
    }

    #[test]
    fn a_treated_arm_is_read_against_all_control_of_its_phase() {
        let rows = readable(vec![
            row("treated", 1, 560.0, 10_100.0),
            row("control", 1, 200.0, 4_000.0),
            row("control", 1, 300.0, 6_000.0),
            row("treated", 2, 5.0, 50.0),
            row("mixed", 1, 50.0, 90.0),
        ]);
        let lift = rows[0].lift.unwrap();
        assert!((lift.value - 0.108_910_891).abs() < 1e-8, "{lift:?}");
        assert!((lift.low + 0.021_261_453).abs() < 1e-8 && (lift.high - 0.239_083_235).abs() < 1e-8, "{lift:?}");
        assert!(rows.iter().all(|row| row.rate.is_some()));
        assert!(rows[1..].iter().all(|row| row.lift.is_none()), "control, a phase without control, and mixed");
    }

    #[test]
    fn nothing_is_said_where_there_is_nothing_to_say() {
        let rows =
            readable(vec![row("treated", 1, 0.0, 0.0), row("control", 1, 0.0, 9.0), row("treated", 1, 4.0, 3.0)]);
        assert_eq!((rows[0].rate, rows[0].lift), (None, None), "nobody");
        assert_eq!(rows[1].rate.map(|rate| rate.value), Some(0.0), "a rate of nothing has an interval");
        assert_eq!((rows[2].rate, rows[2].lift), (None, None), "more conversions than visitors");
        assert_eq!(readable(vec![row("treated", 1, 2.0, 9.0), row("control", 1, 0.0, 9.0)])[0].lift, None);
    }
}
