//! Sticky buckets: an assignment that was once made is kept, whatever the shares become.
//!
//! What a unit (a device, a user) was given is a list of (experiment and bucket version, variation) pairs. A new bucket version starts
//! the assignment anew; a minimum version shuts out everybody who was assigned under an older one, because what they saw then would
//! colour what they do now.

/// One remembered assignment: [`sticky_key`] of an experiment, and the key of the variation given.
pub type Assignment = (Box<str>, Box<str>);

/// What is known of an experiment when somebody comes back to it.
#[derive(Clone, Copy, Debug)]
pub struct Experiment<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its bucket version; assignments under another version do not count.
    pub version: u64,
    /// Assigned under a version below this: shut out. 0 shuts out nobody.
    pub min_version: u64,
    /// The keys of its variations, in order.
    pub variations: &'a [Box<str>],
}

/// What earlier assignments say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sticky {
    /// Nothing: choose by hash.
    Free,
    /// The variation of this index.
    Kept(usize),
    /// Assigned under a version that is shut out: no part in the experiment.
    Blocked,
}

/// The name under which an assignment is remembered.
///
/// ```
/// assert_eq!(&*noren_assign::sticky_key("checkout", 2), "checkout__2");
/// ```
pub fn sticky_key(experiment: &str, version: u64) -> Box<str> {
    format!("{experiment}__{version}").into()
}

/// The version in a name made by [`sticky_key`] for this experiment.
fn version_of(key: &str, experiment: &str) -> Option<u64> {
    let digits = key.strip_prefix(experiment)?.strip_prefix("__")?;
    // Only as `sticky_key` writes it: `exp__01` and `exp__+1` are names of something else.
    let canonical = digits == "0" || !digits.starts_with(['0', '+']);
    if canonical { digits.parse().ok() } else { None }
}

/// What a unit's own assignments say of an experiment, and, where they say nothing, those of the attribute that stood in for it before
/// (`fallback`: the device, say, of somebody who has signed in since). A variation that no longer exists is as if never given.
///
/// Cost: the number of assignments times the length of their names, whatever `min_version` is.
pub fn sticky_variation(experiment: &Experiment, own: &[Assignment], fallback: &[Assignment]) -> Sticky {
    let versions = |list: &[Assignment]| {
        list.iter().filter_map(|(key, _)| version_of(key, experiment.key)).any(|v| v < experiment.min_version)
    };
    if versions(own) || versions(fallback) {
        return Sticky::Blocked;
    }
    let given = |list: &'_ [Assignment]| {
        list.iter()
            .rev()
            .find(|(key, _)| version_of(key, experiment.key) == Some(experiment.version))
            .map(|(_, v)| v.clone())
    };
    let Some(variation) = given(own).or_else(|| given(fallback)) else { return Sticky::Free };
    experiment.variations.iter().position(|key| *key == variation).map_or(Sticky::Free, Sticky::Kept)
}

/// Remember an assignment, replacing an earlier one of the same experiment and version; false where that changes nothing.
pub fn remember(assignments: &mut Vec<Assignment>, experiment: &str, version: u64, variation: &str) -> bool {
    let key = sticky_key(experiment, version);
    match assignments.iter_mut().rev().find(|(k, _)| *k == key) {
        Some((_, kept)) if **kept == *variation => false,
        Some((_, kept)) => {
            *kept = variation.into();
            true
        }
        None => {
            assignments.push((key, variation.into()));
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Vec<Assignment> {
        pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()
    }

    fn ask(version: u64, min_version: u64, own: &[(&str, &str)], fallback: &[(&str, &str)]) -> Sticky {
        let variations: [Box<str>; 3] = ["control".into(), "red".into(), "blue".into()];
        let experiment = Experiment { key: "colour", version, min_version, variations: &variations };
        sticky_variation(&experiment, &given(own), &given(fallback))
    }

    #[test]
    fn what_was_given_is_given_again() {
        let cases = [
            ("nobody came before", 0, 0, &[][..], &[][..], Sticky::Free),
            ("own", 0, 0, &[("colour__0", "blue")], &[], Sticky::Kept(2)),
            ("own before fallback", 0, 0, &[("colour__0", "blue")], &[("colour__0", "red")], Sticky::Kept(2)),
            (
                "fallback where own says nothing",
                0,
                0,
                &[("other__0", "blue")],
                &[("colour__0", "red")],
                Sticky::Kept(1),
            ),
            ("another version does not count", 1, 0, &[("colour__0", "blue")], &[], Sticky::Free),
            ("a newer version does not count either", 1, 1, &[("colour__2", "blue")], &[], Sticky::Free),
            ("a variation that is gone", 0, 0, &[("colour__0", "green")], &[], Sticky::Free),
            (
                "a name that only looks alike",
                0,
                0,
                &[("colour__00", "blue"), ("colour__+0", "red"), ("colour_0", "red")],
                &[],
                Sticky::Free,
            ),
            ("an experiment whose name begins alike", 0, 0, &[("colour__blind__0", "blue")], &[], Sticky::Free),
        ];
        for (what, version, min, own, fallback, expected) in cases {
            assert_eq!(ask(version, min, own, fallback), expected, "{what}");
        }
    }

    #[test]
    fn an_assignment_under_a_version_that_is_shut_out_ends_the_part_in_it() {
        assert_eq!(ask(3, 3, &[("colour__2", "blue")], &[]), Sticky::Blocked);
        assert_eq!(ask(3, 3, &[], &[("colour__0", "blue")]), Sticky::Blocked);
        assert_eq!(ask(3, 3, &[("colour__2", "blue"), ("colour__3", "red")], &[]), Sticky::Blocked);
        assert_eq!(ask(3, 3, &[("colour__3", "red")], &[]), Sticky::Kept(1));
        assert_eq!(ask(3, 2, &[("colour__2", "blue")], &[]), Sticky::Free);
        assert_eq!(ask(0, u64::MAX, &[("colour__7", "blue")], &[]), Sticky::Blocked);
    }

    #[test]
    fn remembering_says_whether_anything_changed() {
        let mut kept = given(&[("other__0", "a")]);
        assert!(remember(&mut kept, "colour", 3, "red"));
        assert!(!remember(&mut kept, "colour", 3, "red"));
        assert!(remember(&mut kept, "colour", 3, "blue"));
        assert!(remember(&mut kept, "colour", 4, "blue"));
        assert_eq!(kept, given(&[("other__0", "a"), ("colour__3", "blue"), ("colour__4", "blue")]));
    }
}
