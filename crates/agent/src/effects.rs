//! The engine's effects in the words of the host.
//!
//! | effect | | what the host does |
//! | --- | --- | --- |
//! | `[0, at, name, props]` | a record: `noren_exposure`, `noren_suppressed` | number it, keep it, send it |
//! | `[1, campaign, variant, kind, content, surface]` | show | fetch content and widget, mount it |
//! | `[2, campaign]` | retract | take the widget down, unless the visitor is in it |
//! | `[3, kind, content]` | content will be wanted soon | fetch it ahead |
//! | `[4, campaign]` | a goal was reached | tell the other tabs |
//! | `[5, bytes]` | the snapshot that was asked for | store it |
//! | `[6, list]` | the trace that was asked for | answer `why` |
//! | `[7, what]` | `program` or `snapshot` could not be read | say so once |

use noren_engine::{Decision, Effect, Engine, Outcome};
use noren_event::{Timestamp, Value, names};
use noren_program::{Surface, Variant};

/// What goes out with one answer.
#[derive(Default)]
pub struct Effects(pub Vec<Value>);

impl Effects {
    /// What the engine answered, in order. Showing what the program no longer holds is left out.
    pub fn of_engine(&mut self, effects: Vec<Effect>, engine: &Engine) {
        for effect in effects {
            match effect {
                Effect::Decision(decision) => self.record(&decision),
                Effect::Show { campaign, variant } => {
                    if let Some((v, surface)) = find(engine, &campaign, &variant) {
                        self.add(
                            1.0,
                            [campaign.into_value(), variant.into_value(), text(&v.kind), text(&v.content), surface],
                        );
                    }
                }
                Effect::Retract { campaign } => self.add(2.0, [campaign.into_value()]),
                Effect::Prefetch { campaign, variant } => {
                    if let Some((v, _)) = find(engine, &campaign, &variant) {
                        self.add(3.0, [text(&v.kind), text(&v.content)]);
                    }
                }
                Effect::Converted { campaign } => self.add(4.0, [campaign.into_value()]),
            }
        }
    }

    /// The snapshot.
    pub fn snapshot(&mut self, bytes: Vec<u8>) {
        self.add(5.0, [Value::Bytes(bytes)]);
    }

    /// The trace.
    pub fn trace(&mut self, trace: Value) {
        self.add(6.0, [trace]);
    }

    /// Bytes from outside that this version cannot read.
    pub fn unreadable(&mut self, what: &str) {
        self.add(7.0, [what.into()]);
    }

    fn record(&mut self, d: &Decision) {
        let (name, props) = match (d.outcome, d.gate) {
            (Outcome::Suppressed, gate) => (
                names::SUPPRESSED,
                Value::map([("campaign", text(&d.campaign)), ("gate", gate.map_or(Value::Null, |g| g.word().into()))]),
            ),
            (arm, _) => (
                names::EXPOSURE,
                Value::map([
                    ("campaign", text(&d.campaign)),
                    ("variant", text(&d.variant)),
                    ("arm", if arm == Outcome::Control { "control" } else { "treated" }.into()),
                    ("phase", f64::from(d.phase).into()),
                ]),
            ),
        };
        self.add(0.0, [time(d.at), name.into(), props]);
    }

    fn add<const N: usize>(&mut self, kind: f64, parts: [Value; N]) {
        let mut list = vec![Value::Num(kind)];
        list.extend(parts);
        self.0.push(Value::List(list));
    }
}

/// A moment as it crosses: exact, because no moment of this era needs more than 2^53 ms.
pub fn time(at: Timestamp) -> Value {
    Value::Num(at.0 as f64)
}

fn find<'a>(engine: &'a Engine, campaign: &str, variant: &str) -> Option<(&'a Variant, Value)> {
    let campaign = engine.program().campaigns.iter().find(|c| &*c.id == campaign)?;
    let found = campaign.variants.iter().find(|v| &*v.id == variant)?;
    let surface = match &campaign.surface {
        Surface::Modal => "modal",
        Surface::Top => "top",
        Surface::Bottom => "bottom",
        Surface::Corner => "corner",
        Surface::None => "",
        Surface::Slot(name) => name,
    };
    Some((found, surface.into()))
}

fn text(text: &str) -> Value {
    text.into()
}

trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for Box<str> {
    fn into_value(self) -> Value {
        Value::Str(self)
    }
}
