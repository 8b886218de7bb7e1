//! The engine over logs: inputs and effects as owned values, for replays, servers and tests. A browser, and whoever has packed values already, speaks to
//! [`Engine::take`] itself; a browser downloads none of this.

use crate::condition::Host;
use crate::effect::{Act, Decision, Effect, Outcome, What};
use crate::engine::Engine;
use crate::input::{Input, Origin, Told};
use crate::page;
use crate::state::CONTROL;
use noren_event::{Timestamp, Value, names, packed};

impl Input {
    /// The same as it crosses from a browser, for as long as `take` needs it. Cost: writing the values out.
    pub fn told<R>(&self, take: impl FnOnce(Told<'_>) -> R) -> R {
        let (value, of_page);
        take(match self {
            Input::Event { name, props, at, origin } => {
                value = packed::encode(props);
                let begins = **name == *names::PAGE_VIEW;
                of_page = if begins { packed::encode(&page::attributes(props)) } else { Vec::new() };
                let here = *origin == Origin::Here;
                Told::Event { name: name.as_bytes(), props: &value, page: &of_page, at: *at, here }
            }
            Input::Visible => Told::Visible,
            Input::Hidden => Told::Hidden,
            Input::Active => Told::Active,
            Input::Leave => Told::Leave,
            Input::PageEnd => Told::PageEnd,
            Input::Facts(facts) => {
                value = packed::encode(facts);
                Told::Facts(&value)
            }
            Input::Attributes(root, of_root) => {
                value = packed::encode(of_root);
                Told::Attributes(root.as_bytes(), &value)
            }
            Input::Consent(granted) => {
                let list = |l: &Vec<Box<str>>| Value::List(l.iter().map(|c| Value::Str(c.clone())).collect());
                value = packed::encode(&granted.as_ref().map_or(Value::Null, list));
                Told::Consent(&value)
            }
            Input::Widget(campaign, news) => Told::Widget(campaign.as_bytes(), *news),
            Input::Record { campaign, what, at } => {
                Told::Record { campaign: campaign.as_bytes(), what: *what as u8, at: *at }
            }
            Input::Tick => Told::Time,
        })
    }
}

impl Engine {
    /// Take one input at a moment. A `now` before the last is taken as the last. Cost: that of [`Engine::take`], and writing the values out.
    pub fn step(&mut self, now: Timestamp, input: Input, host: &dyn Host) -> Vec<Effect> {
        let acts = input.told(|told| self.take(now, told, host));
        self.in_words(acts)
    }

    /// What was done, in words.
    pub fn in_words(&self, acts: Vec<Act>) -> Vec<Effect> {
        acts.into_iter().map(|act| self.effect(&act)).collect()
    }

    /// The same of one.
    pub fn effect(&self, act: &Act) -> Effect {
        let campaign = text(&act.campaign);
        let head = self.image().head(act.number);
        let variant = match self.image().variant_at(head.variants, act.variant) {
            Some(v) => text(v.id),
            None if act.variant == CONTROL => "control".into(),
            None => "".into(),
        };
        let decided = |variant: Box<str>, outcome, gate| {
            let campaign = text(&act.campaign);
            Effect::Decision(Decision { at: act.at, campaign, variant, outcome, gate, phase: head.phase })
        };
        match act.what {
            What::Suppressed(gate) => decided("".into(), Outcome::Suppressed, Some(gate)),
            What::Exposed if act.variant == CONTROL => decided(variant, Outcome::Control, None),
            What::Exposed => decided(variant, Outcome::Shown, None),
            What::Show => Effect::Show { campaign, variant },
            What::Retract => Effect::Retract { campaign },
            What::Prefetch => Effect::Prefetch { campaign, variant },
            What::Converted => Effect::Converted { campaign },
        }
    }
}

fn text(bytes: &[u8]) -> Box<str> {
    String::from_utf8_lossy(bytes).into()
}
