//! The engine's acts in the words of the host.
//!
//! | effect | | what the host does |
//! | --- | --- | --- |
//! | `[0, at, campaign, gate]` | a decision that a gate stopped, by the gate's number | record `noren_suppressed` |
//! | `[0, at, campaign, variant or null, phase]` | a decision that reached its arm, null for control | record `noren_exposure` |
//! | `[1, campaign, variant, kind, content, surface]` | show | fetch content and widget, mount it |
//! | `[2, campaign]` | retract | take the widget down, unless the visitor is in it |
//! | `[3, kind, content]` | content will be wanted soon | fetch it ahead |
//! | `[4, campaign]` | a goal was reached | tell the other tabs |
//! | `[5, bytes]` | the snapshot that was asked for | store it |
//! | `[6, list]` | the trace that was asked for | answer `why` |
//! | `[7, what]` | `program` or `snapshot` could not be read | say so once |

use noren_engine::{Act, What};
use noren_event::packed::Writer;
use noren_program::Image;

/// What goes out with one answer: how many effects, and their bytes one after the other.
#[derive(Debug, Default)]
pub struct Effects {
    count: usize,
    w: Writer,
}

impl Effects {
    /// What the engine did, in order. A variant that the program no longer holds is not shown.
    pub fn of_engine(&mut self, acts: Vec<Act>, image: &Image) {
        for act in acts {
            let head = image.head(act.number);
            let variant = image.variant_at(head.variants, act.variant);
            let campaign = &act.campaign;
            match (act.what, variant) {
                (What::Suppressed(gate), _) => {
                    self.decision(&act, 3);
                    self.w.number(f64::from(gate as u8));
                }
                (What::Exposed, variant) => {
                    self.decision(&act, 4);
                    match variant {
                        Some(v) => self.w.text(v.id),
                        None => self.w.byte(0),
                    }
                    self.w.number(f64::from(head.phase));
                }
                (What::Show, Some(v)) => {
                    self.add(1, &[campaign, v.id, v.kind, v.content, image.text(head.surface)]);
                }
                (What::Prefetch, Some(v)) => self.add(3, &[v.kind, v.content]),
                (What::Show | What::Prefetch, None) => {}
                (What::Retract, _) => self.add(2, &[campaign]),
                (What::Converted, _) => self.add(4, &[campaign]),
            }
        }
    }

    /// The snapshot.
    pub fn snapshot(&mut self, bytes: &[u8]) {
        self.head(5, 1);
        self.w.byte(8);
        self.w.bytes(bytes);
    }

    /// The trace.
    #[cfg(feature = "why")]
    pub fn trace(&mut self, trace: &noren_event::Value) {
        self.head(6, 1);
        self.w.value(trace);
    }

    /// Bytes from outside that this version cannot read.
    pub fn unreadable(&mut self, what: &str) {
        self.add(7, &[what.as_bytes()]);
    }

    /// All of it as one list that begins with what is packed in `first`.
    pub fn after(&self, first: &Writer) -> Vec<u8> {
        let mut w = Writer::default();
        w.list(1 + self.count);
        w.0.extend_from_slice(&first.0);
        w.0.extend_from_slice(&self.w.0);
        w.0
    }

    fn head(&mut self, kind: u8, parts: usize) {
        self.count += 1;
        self.w.list(1 + parts);
        self.w.number(f64::from(kind));
    }

    fn add(&mut self, kind: u8, texts: &[&[u8]]) {
        self.head(kind, texts.len());
        for text in texts {
            self.w.text(text);
        }
    }

    /// A decision up to its campaign, of so many parts.
    fn decision(&mut self, act: &Act, parts: usize) {
        self.head(0, parts);
        // Exact, because no moment of this era needs more than 2^53 ms.
        self.w.number(act.at.0 as f64);
        self.w.text(&act.campaign);
    }
}
