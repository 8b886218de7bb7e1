//! A small allocator: the standard one for WebAssembly is a fifth of all the code a visitor would download.
//!
//! Sizes are rounded up to a power of two, from 16 bytes on; each size keeps a list of rooms given back, and what is not in a list is
//! taken from the end of memory. Rooms are never joined or split. An agent's needs repeat with every message, so the lists fill once: what
//! rounding wastes (a quarter on average) is memory of a tab, not of the network.
#![allow(unsafe_code)]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

const PAGE_BYTES: usize = 65_536;
/// The smallest room: 2^4 bytes, which is also the strictest alignment that anything of ours asks for.
const SMALLEST_LOG: u32 = 4;

struct State {
    /// For each power of two the first room given back; a room's first word is the next.
    free: [*mut u8; 32],
    /// Memory between these was never given out.
    next: usize,
    end: usize,
}

struct Small(UnsafeCell<State>);

// SAFETY: a module without shared memory has one thread.
unsafe impl Sync for Small {}

#[global_allocator]
static ALLOCATOR: Small = Small(UnsafeCell::new(State { free: [null_mut(); 32], next: 0, end: 0 }));

fn log_of(layout: Layout) -> u32 {
    let bytes = if layout.size() > layout.align() { layout.size() } else { layout.align() };
    let log = usize::BITS - bytes.saturating_sub(1).leading_zeros();
    if log < SMALLEST_LOG { SMALLEST_LOG } else { log }
}

// SAFETY: rooms are aligned to their size as far as memory's pages and the first room are (16 bytes at least), do not overlap, and stay
// until given back.
unsafe impl GlobalAlloc for Small {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: one thread, and nothing here calls out.
        let state = unsafe { &mut *self.0.get() };
        let log = log_of(layout);
        let Some(list) = state.free.get_mut(log as usize) else { return null_mut() };
        let room = *list;
        if !room.is_null() {
            // SAFETY: the room was given back, so its first word is ours.
            *list = unsafe { room.cast::<*mut u8>().read() };
            return room;
        }
        let bytes = 1usize << log;
        if state.end - state.next < bytes {
            let pages = bytes.div_ceil(PAGE_BYTES);
            let first = memory_grow(0, pages);
            if first == usize::MAX {
                return null_mut();
            }
            // What was left of the page before is given up, unless the new memory follows it.
            if state.end != first * PAGE_BYTES {
                state.next = first * PAGE_BYTES;
            }
            state.end = memory_size(0) * PAGE_BYTES;
        }
        let room = state.next;
        state.next += bytes;
        room as *mut u8
    }

    #[inline(never)]
    unsafe fn dealloc(&self, room: *mut u8, layout: Layout) {
        // SAFETY: one thread; the room is given back and large enough for a word.
        unsafe {
            let state = &mut *self.0.get();
            if let Some(list) = state.free.get_mut(log_of(layout) as usize) {
                room.cast::<*mut u8>().write(*list);
                *list = room;
            }
        }
    }
}
