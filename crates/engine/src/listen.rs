//! Who listens to an event or a page, on native machines: those that the program lists, less those of whom the host remembers
//! ([`crate::memo`]) that it means nothing to them. A browser takes the program's lists as they are: each byte travels.

use crate::attributes::Attributes;
use crate::engine::Context;
use noren_program::image::{Role, Roles};

/// The number of an event's name, and what it can be to campaigns.
pub(crate) fn heard<'a>(name: &[u8], props: &'a [u8], cx: &Context<'a>, known: &Attributes) -> (u32, Listed<'a>) {
    let (name, roles) = cx.image.event(name, props);
    let memo = cx.host.memo();
    (name, Listed::of(memo.and_then(|memo| memo.event(name, &cx.judge(known), roles.clone())), roles))
}

/// Leaves that the start of a page can change.
pub(crate) fn begun<'a>(page: &'a [u8], cx: &Context<'a>, known: &Attributes) -> Listed<'a> {
    let roles = cx.image.page(page);
    let judge = Context { event: None, ..*cx }.judge(known);
    Listed::of(cx.host.memo().and_then(|memo| memo.page(&judge, roles.clone())), roles)
}

/// Roles from memory, or else from the program.
pub(crate) enum Listed<'a> {
    Known(std::rc::Rc<[Role]>, usize),
    All(Roles<'a>),
}

impl<'a> Listed<'a> {
    fn of(known: Option<std::rc::Rc<[Role]>>, all: Roles<'a>) -> Listed<'a> {
        known.map_or(Listed::All(all), |known| Listed::Known(known, 0))
    }
}

impl Iterator for Listed<'_> {
    type Item = Role;

    fn next(&mut self) -> Option<Role> {
        match self {
            Listed::Known(roles, place) => {
                *place += 1;
                roles.get(*place - 1).copied()
            }
            Listed::All(roles) => roles.next(),
        }
    }
}
