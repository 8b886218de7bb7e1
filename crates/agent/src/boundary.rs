//! What the browser sees: `memory`, `alloc`, `step`, and what it lends, `env.regex` and `env.lower`.
//!
//! The host asks for room with `alloc(len)`, writes a message there and calls `step(ptr, len)`, which takes the room back. The answer lies
//! where `step` points, one packed value, valid until the next call. One thread, no re-entry: what is
//! lent calls back `alloc` at most.
#![allow(unsafe_code)]

use crate::Agent;
use noren_engine::Host;
use std::cell::UnsafeCell;

struct Global(UnsafeCell<(Agent, Vec<u8>)>);

// SAFETY: a module without shared memory has one thread.
unsafe impl Sync for Global {}

static STATE: Global = Global(UnsafeCell::new((Agent::new(), Vec::new())));

mod lent {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        /// 1 found, 0 not found, -1 no such pattern.
        pub fn regex(pattern: *const u8, pattern_len: usize, subject: *const u8, subject_len: usize, fold: u32) -> i32;
        /// Text in lower case, or for 1 a version's key: where `alloc` gave room, its length in 32 bits, then UTF-8.
        pub fn lower(text: *const u8, len: usize, version: u32) -> *mut u8;
    }
}

struct Browser;

impl Host for Browser {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        // SAFETY: both slices live through the call, and the host only reads them.
        let found =
            unsafe { lent::regex(pattern.as_ptr(), pattern.len(), subject.as_ptr(), subject.len(), u32::from(fold)) };
        match found {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn lower(&self, text: &[u8]) -> Vec<u8> {
        rewritten(text, 0)
    }

    fn version(&self, text: &[u8]) -> Vec<u8> {
        rewritten(text, 1)
    }
}

fn rewritten(text: &[u8], version: u32) -> Vec<u8> {
    // SAFETY: the host answers with room from `alloc(4 + length)` that it filled, and does not look at it again.
    unsafe {
        let at = lent::lower(text.as_ptr(), text.len(), version);
        let len = at.cast::<u32>().read_unaligned() as usize;
        let whole = len.saturating_add(4);
        let room = Vec::from_raw_parts(at, whole, whole);
        room.get(4..).unwrap_or_default().into()
    }
}

/// Room for a message of `len` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: usize) -> *mut u8 {
    let mut room = core::mem::ManuallyDrop::new(vec![0u8; len]);
    room.as_mut_ptr()
}

/// Takes the message at `ptr`, which `alloc(len)` gave, and answers it.
///
/// # Safety
/// `ptr` and `len` are those of one `alloc` that was not given back before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn step(ptr: *mut u8, len: usize) -> *const u8 {
    // SAFETY: for the message see above; the host's side is `js/agent/wasm.ts`. For the state: one thread, and `step` does not come again
    // before it has returned.
    let (message, (agent, answer)) = unsafe { (Vec::from_raw_parts(ptr, len, len), &mut *STATE.0.get()) };
    *answer = agent.step(&message, &Browser);
    answer.as_ptr()
}
