//! Lines of a visitor in flight, as few bytes as they need: a moment, a kind, a name and the text of the properties that matter.
//!
//! One buffer a visitor instead of many small values: a line costs about 20 bytes and its wanted properties, and nothing to the allocator.

use crate::replay::line::{Kind, Line};
use noren_engine::Input;
use noren_event::Timestamp;
use std::borrow::Cow;

/// Kinds by the number that stands for them.
const KINDS: [Kind; 6] = [Kind::Event, Kind::Signal, Kind::Page, Kind::Facts, Kind::Consent, Kind::Program];
/// Bytes before the name: the moment, the kind, the lengths of name and properties.
const HEAD: usize = 8 + 1 + 4 + 4;

/// Lines in the order they came.
#[derive(Default)]
pub struct Kept {
    bytes: Vec<u8>,
    count: usize,
}

impl Kept {
    /// Keep a line.
    pub fn push(&mut self, line: &Line<'_>) {
        let props = line.props.unwrap_or("");
        let kind = KINDS.iter().position(|kind| *kind == line.kind).unwrap_or(0);
        // Lines come in batches that fit into memory, names and properties into 4 GB.
        let (Ok(name_len), Ok(props_len)) = (u32::try_from(line.name.len()), u32::try_from(props.len())) else {
            return;
        };
        self.bytes.reserve(HEAD + line.name.len() + props.len());
        self.bytes.extend_from_slice(&line.at.to_le_bytes());
        self.bytes.push(u8::try_from(kind).unwrap_or(0));
        self.bytes.extend_from_slice(&name_len.to_le_bytes());
        self.bytes.extend_from_slice(&props_len.to_le_bytes());
        self.bytes.extend_from_slice(line.name.as_bytes());
        self.bytes.extend_from_slice(props.as_bytes());
        self.count += 1;
    }

    /// How many lines.
    pub fn len(&self) -> usize {
        self.count
    }

    /// All lines, sorted stably by time, as inputs; nothing is kept.
    pub fn take(&mut self) -> Vec<(Timestamp, Input)> {
        let kept = std::mem::take(self);
        kept.inputs(&kept.sorted())
    }

    /// The lines before a moment, as inputs, and at least `at_least` of the earliest; the others are kept.
    pub fn take_before(&mut self, until: Timestamp, at_least: usize) -> Vec<(Timestamp, Input)> {
        let kept = std::mem::take(self);
        let sorted = kept.sorted();
        let ready = sorted.partition_point(|(at, _)| *at < until).max(at_least).min(sorted.len());
        let (ready, later) = sorted.split_at(ready);
        for line in later.iter().filter_map(|(_, place)| kept.line(*place)) {
            self.push(&line.0);
        }
        kept.inputs(ready)
    }

    fn inputs(&self, places: &[(Timestamp, usize)]) -> Vec<(Timestamp, Input)> {
        let mut inputs = Vec::with_capacity(places.len());
        for (line, _) in places.iter().filter_map(|(_, place)| self.line(*place)) {
            line.tell(|at, input| inputs.push((at, input)));
        }
        inputs
    }

    fn sorted(&self) -> Vec<(Timestamp, usize)> {
        let mut places = Vec::with_capacity(self.count);
        let mut place = 0;
        while let Some((line, end)) = self.line(place) {
            places.push((Timestamp(line.at), place));
            place = end;
        }
        places.sort_by_key(|(at, _)| *at);
        places
    }

    /// The line at a place, and where the next one is.
    fn line(&self, place: usize) -> Option<(Line<'_>, usize)> {
        let (at, rest) = self.bytes.get(place..)?.split_first_chunk::<8>()?;
        let ([kind], rest) = rest.split_first_chunk::<1>()?;
        let (name, rest) = rest.split_first_chunk::<4>()?;
        let (props, rest) = rest.split_first_chunk::<4>()?;
        let (name, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*name)).ok()?)?;
        let props = rest.get(..usize::try_from(u32::from_le_bytes(*props)).ok()?)?;
        let line = Line {
            visitor: Cow::Borrowed(""),
            at: i64::from_le_bytes(*at),
            kind: *KINDS.get(usize::from(*kind))?,
            name: Cow::Borrowed(std::str::from_utf8(name).ok()?),
            device: None,
            props: Some(std::str::from_utf8(props).ok()?).filter(|props| !props.is_empty()),
        };
        Some((line, place + HEAD + name.len() + props.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::line::parse;

    #[test]
    fn kept_lines_tell_what_they_told_in_order_of_time() {
        let texts = [
            r#"{"visitor":"v","at":30,"name":"x","props":{"a":[1,"茶"]}}"#,
            r#"{"visitor":"v","at":10,"type":"page","name":"leave"}"#,
            r#"{"visitor":"v","at":20,"type":"facts","props":{"visits":2,"geo":{"country":"JP"}}}"#,
            r#"{"visitor":"v","at":10,"type":"consent","props":{"granted":null}}"#,
        ];
        let line = |i: usize| parse(texts[i], |_, _| true).unwrap();
        let expected: Vec<(Timestamp, Input)> = [1, 3, 2, 0]
            .into_iter()
            .flat_map(|i| {
                let mut all = Vec::new();
                line(i).tell(|at, input| all.push((at, input)));
                all
            })
            .collect();
        let mut kept = Kept::default();
        (0..texts.len()).for_each(|i| kept.push(&line(i)));
        assert_eq!((kept.len(), kept.take()), (4, expected.clone()));
        assert_eq!((kept.len(), kept.take()), (0, Vec::new()));

        (0..texts.len()).for_each(|i| kept.push(&line(i)));
        assert_eq!(kept.take_before(Timestamp(20), 0), expected[..2]);
        assert_eq!(kept.take_before(Timestamp(0), 1), expected[2..4], "a line of facts tells two things");
        assert_eq!(kept.take(), expected[4..]);
    }
}
