//! Which events a site counts over long windows: those that its live program asks for, and those that give points. All else is not counted,
//! so a device's parts stay small however many names a site invents.

use noren_profile::days::NAMES_MAX;
use noren_program::{Cond, Leaf, Program};
use noren_wire::admin::Weights;

/// Names told of, and names that give points, at most as many each: together [`NAMES_MAX`].
pub const EACH_MAX: usize = NAMES_MAX / 2;

/// The events whose counts a program asks for by `visitor.counts.NAME.d7`, `.d30` or `.d90`, or by a count over such a window, ascending; past [`EACH_MAX`] the last in order
/// are left out and stay missing attributes.
pub fn asked_by(program: &Program) -> Vec<String> {
    let mut names = Vec::new();
    program.conds.iter().for_each(|cond| collect(cond, &mut names));
    names.extend(program.campaigns.iter().flat_map(|c| &c.leaves).filter_map(told).map(String::from));
    names.sort_unstable();
    names.dedup();
    names.truncate(EACH_MAX);
    names
}

/// The event of a count that facts are asked about.
fn told(leaf: &Leaf) -> Option<&str> {
    match leaf {
        Leaf::Count { of, .. } => leaf.told().map(|_| &*of.event),
        _ => None,
    }
}

fn collect(cond: &Cond, names: &mut Vec<String>) {
    match cond {
        Cond::All(list) | Cond::Any(list) => list.iter().for_each(|c| collect(c, names)),
        Cond::Not(inner) => collect(inner, names),
        Cond::Attr { path, .. } => {
            let asked = path.strip_prefix("visitor.counts.").and_then(|rest| rest.rsplit_once('.'));
            if let Some((name, "d7" | "d30" | "d90")) = asked {
                names.push(name.into());
            }
        }
        Cond::Unknown => {}
    }
}

/// The names that are counted, ascending: those told of and those that give points.
pub fn counted(asked: &[Box<str>], weights: &Weights) -> Vec<String> {
    let asked = asked.iter().map(|name| name.to_string()).take(EACH_MAX);
    let mut names: Vec<String> = asked.chain(weights.points.keys().take(EACH_MAX).cloned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use noren_event::Duration;
    use noren_program::{CondId, Occurs, Test, Window};

    fn asks(path: &str) -> Cond {
        Cond::Attr { path: path.into(), test: Test::Exists(true) }
    }

    #[test]
    fn a_program_counts_what_its_conditions_name() {
        let inner = Cond::Not(Box::new(Cond::Any(vec![asks("visitor.counts.b.c.d90"), asks("visitor.counts.a.d1")])));
        let conds =
            vec![Cond::All(vec![asks("visitor.counts.z.d7"), inner]), asks("visitor.counts.z.d30"), Cond::Unknown];
        assert_eq!(asked_by(&Program { conds, ..Program::default() }), ["b.c", "z"]);
        let conds = (0..99).map(|i| asks(&format!("visitor.counts.e{i:02}.d7"))).collect();
        let names = asked_by(&Program { conds, ..Program::default() });
        assert_eq!((names.len(), names.last().map(String::as_str)), (EACH_MAX, Some("e15")));
        let count = |event: &str, cond, days| {
            let of = Occurs { event: event.into(), cond };
            Leaf::Count { of, at_least: 3, window: Window::Last(Duration::days(days)) }
        };
        let leaves = [count("told", None, 30), count("narrowed", Some(CondId(0)), 30), count("between", None, 29)];
        assert_eq!(leaves.iter().filter_map(told).collect::<Vec<_>>(), ["told"]);
    }

    #[test]
    fn what_gives_points_is_counted_too() {
        let names = counted(&["purchase".into(), "a".into()], &Weights::default());
        assert_eq!(names, ["a", "add_to_cart", "begin_checkout", "purchase", "view_item"]);
    }
}
