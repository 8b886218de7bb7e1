//! What the browser sees: `memory`, `alloc`, `call`. Nothing is lent.
//!
//! The host asks for room with `alloc(len)`, writes a message there and calls `call(ptr, len)`, which takes the room back. The answer lies
//! where `call` points: its length (32 bits, little endian), then its bytes, valid until the next call. One thread, no re-entry.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;

struct Global(UnsafeCell<Vec<u8>>);

// SAFETY: a module without shared memory has one thread.
unsafe impl Sync for Global {}

static ANSWER: Global = Global(UnsafeCell::new(Vec::new()));

/// Room for a message of `len` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: usize) -> *mut u8 {
    Box::into_raw(vec![0u8; len].into_boxed_slice()).cast()
}

/// Takes the message at `ptr`, which `alloc(len)` gave, and answers it.
///
/// # Safety
/// `ptr` and `len` are those of one `alloc` that was not given back before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call(ptr: *mut u8, len: usize) -> *const u8 {
    // SAFETY: for the message see above; the host's side is `js/console/api/editor.ts`. For the answer: one thread, and `call` does not come
    // again before it has returned.
    let (message, answer) =
        unsafe { (Box::from_raw(core::ptr::slice_from_raw_parts_mut(ptr, len)), &mut *ANSWER.0.get()) };
    let bytes = crate::answer(&message);
    answer.clear();
    answer.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    answer.extend_from_slice(&bytes);
    answer.as_ptr()
}
