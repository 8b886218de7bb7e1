//! What the engine remembers, as bytes: for a reload, another page, a crash.
//!
//! Keyed by campaign id with the pattern's fingerprint, so that a snapshot survives a new program. A campaign at rest takes nothing.
//! Any byte string restores to a state or is refused; a refused snapshot costs the visitor's memory, never the page. The format is written down
//! once, as one pass over the state that writes or reads.

use crate::attributes::{KEPT_ROOTS, PAGE_ROOTS};
use crate::condition::Host;
use crate::effect::{Act, Gate, What};
use crate::engine::{Context, Engine, touch};
use crate::pattern::LeafNews;
use crate::state::{Course, DELAY, LeafState, Moment, NONE, Page, Records, Session, State, at_rest};
use noren_event::packed::{Malformed, Reader, Writer};
use noren_event::{Duration, Timestamp};
use noren_program::Image;

/// Format of the bytes. Another format is refused: an older agent never reads, and so never writes over, what a newer one wrote.
pub const SNAPSHOT_VERSION: u8 = 5;

/// A pass over the state.
enum Pass<'a> {
    Write(Writer),
    Read(Reader<'a>),
}

impl Pass<'_> {
    fn uint(&mut self, n: &mut u64) {
        match self {
            Pass::Write(w) => w.uint(*n),
            Pass::Read(r) => *n = r.uint(),
        }
    }

    fn u32(&mut self, n: &mut u32) {
        let mut wide = u64::from(*n);
        self.uint(&mut wide);
        *n = wide as u32;
    }

    fn byte(&mut self, b: &mut u8) {
        let mut wide = u64::from(*b);
        self.uint(&mut wide);
        *b = wide as u8;
    }

    fn int(&mut self, n: &mut i64) {
        let mut zigzag = ((*n << 1) ^ (*n >> 63)) as u64;
        self.uint(&mut zigzag);
        *n = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
    }

    fn bytes(&mut self, b: &mut Vec<u8>) {
        match self {
            Pass::Write(w) => w.bytes(b),
            Pass::Read(r) => *b = r.bytes().into(),
        }
    }

    /// A moment as the step from another; none is the shortest number.
    fn time(&mut self, t: &mut Timestamp, from: Timestamp) {
        let step = (*t - from).0;
        let mut n = if *t == NONE { 0 } else { (((step << 1) ^ (step >> 63)) as u64).wrapping_add(1) };
        self.uint(&mut n);
        let z = n.wrapping_sub(1);
        *t = if n == 0 { NONE } else { from + Duration((z >> 1) as i64 ^ -((z & 1) as i64)) };
    }

    /// Moments, each as the step from the one before.
    fn moments(&mut self, list: &mut Vec<(Timestamp, u64)>, now: Timestamp) {
        match self {
            Pass::Write(w) => w.uint(list.len() as u64),
            Pass::Read(r) => *list = vec![(NONE, 0); r.count()],
        }
        let mut last = now;
        for (t, n) in list {
            self.time(t, last);
            last = *t;
            self.uint(n);
        }
    }

    fn records(&mut self, of: &mut Records, now: Timestamp) {
        for total in &mut of.totals {
            self.u32(total);
        }
        self.moments(&mut of.times, now);
    }

    fn leaf(&mut self, s: &mut LeafState, now: Timestamp) {
        self.byte(&mut s.flags);
        self.int(&mut s.a);
        self.int(&mut s.b);
        self.moments(&mut s.list, now);
    }

    fn course(&mut self, of: &mut Course, now: Timestamp, session: &Session) {
        for t in [&mut of.held, &mut of.armed, &mut of.exposed, &mut of.doubted] {
            self.time(t, now);
        }
        // A hold for a session that is over is none.
        let held = u64::from(of.is_held_in(session));
        let mut n = held << 4 | u64::from(of.behind & 15);
        self.uint(&mut n);
        of.behind = n as u8 & 15;
        of.held_in = if n >> 4 != 0 { session.number } else { 0 };
        self.u32(&mut of.showing);
        self.uint(&mut of.assigned);
        self.records(&mut of.records, now);
    }

    /// Everything but the campaigns.
    fn frame(&mut self, s: &mut State) {
        let mut version = SNAPSHOT_VERSION;
        self.byte(&mut version);
        if let Pass::Read(r) = self
            && version != SNAPSHOT_VERSION
        {
            r.fail(Malformed::Unknown);
        }
        let Moment { now, page: Page { started, active, active_since, active_until } } = &mut s.moment;
        self.time(now, Timestamp(0));
        let now = *now;
        for t in [&mut s.session.started, &mut s.session.last_event, started, active_since, active_until] {
            self.time(t, now);
        }
        self.int(&mut active.0);
        self.u32(&mut s.session.number);
        self.u32(&mut s.session.page_views);
        let mut flags = u8::from(s.visible) | u8::from(s.left) << 1;
        self.byte(&mut flags);
        (s.visible, s.left) = (flags & 1 != 0, flags & 2 != 0);
        self.bytes(&mut s.consent);
        self.moments(&mut s.orders, now);
        for root in KEPT_ROOTS.iter().chain(&PAGE_ROOTS) {
            match self {
                Pass::Write(w) => w.0.extend_from_slice(s.attributes.root(root).unwrap_or(&[0])),
                Pass::Read(r) => {
                    let value = r.packed();
                    if value != [0] {
                        s.attributes.set_root(root, value.into());
                    }
                }
            }
        }
        self.records(&mut s.any, now);
    }
}

impl Engine {
    /// All that is remembered.
    pub fn snapshot(&mut self) -> Vec<u8> {
        let mut pass = Pass::Write(Writer::default());
        let Engine { image, state: s, .. } = self;
        pass.frame(s);
        for (c, of) in (0..).zip(&mut s.courses) {
            let leaves = image.leaves(c);
            let leaves = s.leaves.get_mut(leaves.start as usize..leaves.end as usize).unwrap_or_default();
            if of.rests(&s.session) && leaves.iter().all(LeafState::rests) {
                continue;
            }
            if let Pass::Write(w) = &mut pass {
                w.bytes(image.id(c));
                w.uint(u64::from(image.head(c).fingerprint));
                w.uint(leaves.len() as u64);
            }
            pass.course(of, s.moment.now, &s.session);
            for leaf in leaves {
                pass.leaf(leaf, s.moment.now);
            }
        }
        match pass {
            Pass::Write(w) => w.0,
            Pass::Read(_) => Vec::new(),
        }
    }

    /// An engine that remembers what a snapshot says, under a program that may be newer than it: an unchanged pattern keeps its state, a
    /// changed one starts empty; an armed decision of a changed or paused campaign ends as `republished`; caps and variants survive, those of
    /// a paused one until it comes back. What the program does not name is forgotten.
    ///
    /// # Errors
    /// Any [`Malformed`]; another format is `Unknown`.
    pub fn restore(image: Image, unit: &[u8], bytes: &[u8], host: &dyn Host) -> Result<(Engine, Vec<Act>), Malformed> {
        let mut state = State::new(&image);
        let mut pass = Pass::Read(Reader::new(bytes));
        pass.frame(&mut state);
        let now = state.moment.now;
        let mut ended = Vec::new();
        let mut kept = Vec::new();
        while let Pass::Read(r) = &mut pass {
            if r.is_empty() {
                r.finish()?;
                break;
            }
            let (id, fingerprint, count) = (r.bytes(), r.u32(), r.count());
            let (mut of, mut leaves) = (Course::default(), at_rest::<LeafState>(count as u32));
            pass.course(&mut of, now, &state.session);
            for leaf in &mut leaves {
                pass.leaf(leaf, now);
            }
            let found = image.find(id);
            let mut end = |what| {
                ended.push(Act { what, at: now, campaign: id.into(), number: found.unwrap_or(u32::MAX), variant: 0 });
            };
            let range = image.leaves(found.unwrap_or(u32::MAX));
            let slots = state.leaves.get_mut(range.start as usize..range.end as usize).unwrap_or_default();
            let lives = found.is_some_and(|c| !image.is_inert(c));
            let stays = lives && found.is_some_and(|c| image.head(c).fingerprint == fingerprint);
            let stays = stays && slots.len() == leaves.len();
            if !stays {
                if of.is_armed() {
                    end(What::Suppressed(Gate::Republished));
                    of.armed = NONE;
                }
                (of.held, of.held_in, of.doubted) = (NONE, 0, NONE);
            }
            if of.showing != 0 && !lives {
                end(What::Retract);
                of.showing = 0;
            }
            let Some(c) = found else { continue };
            if of.showing != 0 {
                touch(&mut state.on_screen, c);
            }
            if of.is_armed() && of.behind != DELAY {
                touch(&mut state.waiting, c);
            }
            if stays {
                touch(&mut kept, c);
            }
            if let Some(course) = state.courses.get_mut(c as usize) {
                *course = of;
            }
            if stays {
                for (slot, leaf) in slots.iter_mut().zip(leaves) {
                    *slot = leaf;
                }
            }
        }
        let mut engine = Engine::with_state(image.clone(), unit.into(), state);
        let cx = &Context { image: &image, host, event: None };
        for c in 0..image.campaigns() {
            // What is not remembered begins now, on the page that is open.
            let begins = kept.binary_search(&c).is_err() && engine.state.moment.page.is_open();
            engine.each_leaf(c, if begins { LeafNews::Begin } else { LeafNews::Restored }, cx);
            engine.schedule(c, cx);
        }
        Ok((engine, ended))
    }

    /// Decide by another program from now on, as [`Engine::restore`] would; a stopped campaign's widget is retracted. What has ended is told in
    /// the numbers of the new program.
    pub fn replace_program(&mut self, image: Image, host: &dyn Host) -> Vec<Act> {
        let snapshot = self.snapshot();
        // Its own snapshot is always readable.
        let Ok((engine, ended)) = Engine::restore(image, &self.unit, &snapshot, host) else { return Vec::new() };
        *self = engine;
        ended
    }
}
