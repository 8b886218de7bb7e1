//! The system calls that the standard library does not wrap: signals, process groups, file locks. The only module with `unsafe`.
//!
//! Every child runs in a process group of its own and is registered here, so that SIGINT and SIGTERM stop the whole tree, wherever the
//! signal was aimed and even when this process inherited both as ignored (`nohup`, a shell's `&`, some continuous-integration runners).
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

/// How long a child may take to stop by itself before it is killed. The runtime keeps running on SIGTERM while a socket is open.
const STOP_GRACE: Duration = Duration::from_millis(1500);

static GROUPS: Mutex<Vec<i32>> = Mutex::new(Vec::new());
static WAKE: AtomicI32 = AtomicI32::new(-1);
static SERVING: AtomicBool = AtomicBool::new(false);
static STOPPING: AtomicBool = AtomicBool::new(false);

extern "C" fn on_signal(signal: libc::c_int) {
    let byte = signal as u8;
    // SAFETY: write(2) is async-signal-safe, the descriptor is a pipe that is never closed.
    unsafe { libc::write(WAKE.load(Ordering::Relaxed), (&raw const byte).cast(), 1) };
}

/// Takes over SIGINT, SIGTERM and SIGHUP for the rest of the process. Call once, before any child or thread is started.
///
/// # Errors
/// When the system refuses a pipe.
pub fn install_signal_handlers() -> io::Result<()> {
    let mut pipe = [0; 2];
    // SAFETY: plain calls with valid pointers to locals; the handler only calls write(2).
    unsafe {
        if libc::pipe2(pipe.as_mut_ptr(), libc::O_CLOEXEC) != 0 {
            return Err(io::Error::last_os_error());
        }
        WAKE.store(pipe[1], Ordering::Relaxed);
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_signal as *const () as usize;
            action.sa_flags = libc::SA_RESTART;
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
            libc::sigaddset(&raw mut set, signal);
        }
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, std::ptr::null_mut());
    }
    let read_end = pipe[0];
    std::thread::spawn(move || {
        let mut byte = 0_u8;
        // SAFETY: reads one byte into a local from a pipe that stays open.
        while unsafe { libc::read(read_end, (&raw mut byte).cast(), 1) } != 1 {}
        // Stopping a server is how it ends; stopping a build is not.
        stop(if SERVING.load(Ordering::Relaxed) { 0 } else { 128 + i32::from(byte) })
    });
    Ok(())
}

/// From now on a signal is the expected end of this process, with exit code 0.
pub fn serving() {
    SERVING.store(true, Ordering::Relaxed);
}

/// Stops all children, then this process.
pub fn stop(code: i32) -> ! {
    STOPPING.store(true, Ordering::SeqCst);
    stop_children();
    std::process::exit(code)
}

/// To be called by whoever saw a child end: does not return while [`stop`] is at work, because the end is then no failure to report.
pub fn unless_stopping() {
    while STOPPING.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

/// Asks every registered process group to stop and kills what is left after [`STOP_GRACE`].
pub fn stop_children() {
    let groups: Vec<i32> = GROUPS.lock().map(|groups| groups.clone()).unwrap_or_default();
    for &group in &groups {
        kill_group(group, libc::SIGTERM);
    }
    let deadline = Instant::now() + STOP_GRACE;
    while Instant::now() < deadline && groups.iter().any(|&group| group_alive(group)) {
        std::thread::sleep(Duration::from_millis(20));
    }
    for &group in &groups {
        kill_group(group, libc::SIGKILL);
    }
}

fn kill_group(group: i32, signal: i32) {
    // SAFETY: kill(2) takes no pointers. Groups are registered right after setpgid, so the number is ours.
    unsafe { libc::kill(-group, signal) };
}

/// Whether anything of the group still runs. A child that ended but was not yet waited for does not count.
fn group_alive(group: i32) -> bool {
    // SAFETY: a zeroed siginfo is valid for waitid to fill; WNOWAIT leaves the child to its owner.
    let ended = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        libc::waitid(libc::P_PID, group as libc::id_t, &raw mut info, flags) == 0 && info.si_pid() == group
    };
    // SAFETY: kill(2) with signal 0 only asks.
    !ended && unsafe { libc::kill(-group, 0) == 0 }
}

/// Starts `command` in its own process group, with default signal dispositions, dying with the thread that started it.
///
/// # Errors
/// Those of [`Command::spawn`].
pub fn spawn_grouped(command: &mut Command) -> io::Result<Child> {
    command.process_group(0);
    // SAFETY: between fork and exec only async-signal-safe calls are made.
    unsafe {
        command.pre_exec(|| {
            for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGPIPE] {
                libc::signal(signal, libc::SIG_DFL);
            }
            #[cfg(target_os = "linux")]
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
    let child = command.spawn()?;
    if let Ok(mut groups) = GROUPS.lock() {
        groups.push(child.id() as i32);
    }
    Ok(child)
}

/// What a program took, from its start to its end.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Processor time of all its threads, user and system.
    pub cpu: Duration,
    /// The most memory it held at once.
    pub peak_bytes: u64,
}

/// Waits for a child, which must not have been waited for.
///
/// # Errors
/// When it is none, or was waited for.
pub fn wait_with_usage(child: &Child) -> io::Result<(ExitStatus, Usage)> {
    let mut status = 0;
    // SAFETY: a zeroed rusage is valid for wait4 to fill, and both pointers are to locals.
    let (ended, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(child.id() as libc::pid_t, &raw mut status, 0, &raw mut usage), usage)
    };
    if ended < 0 {
        return Err(io::Error::last_os_error());
    }
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1_000);
    // Linux counts in kilobytes, others in bytes.
    let unit = if cfg!(target_os = "linux") { 1_024 } else { 1 };
    let peak_bytes = u64::try_from(usage.ru_maxrss).unwrap_or(0) * unit;
    Ok((ExitStatus::from_raw(status), Usage { cpu: time(usage.ru_utime) + time(usage.ru_stime), peak_bytes }))
}

/// Forgets a child that was waited for, and ends whatever of its group outlived it.
pub fn release(child: &Child) {
    let group = child.id() as i32;
    kill_group(group, libc::SIGKILL);
    if let Ok(mut groups) = GROUPS.lock() {
        groups.retain(|&other| other != group);
    }
}

/// Waits for an exclusive lock on `file`; it is held until the file is closed. `waiting` is called once when somebody else holds it.
///
/// # Errors
/// When the file system has no locks.
pub fn lock_exclusive(file: &File, waiting: impl FnOnce()) -> io::Result<()> {
    let descriptor = file.as_raw_fd();
    // SAFETY: flock(2) on a descriptor that `file` keeps open.
    unsafe {
        if libc::flock(descriptor, libc::LOCK_EX | libc::LOCK_NB) == 0 {
            return Ok(());
        }
        waiting();
        if libc::flock(descriptor, libc::LOCK_EX) == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

/// Whether this process may install system packages.
pub fn is_root() -> bool {
    // SAFETY: geteuid(2) cannot fail.
    unsafe { libc::geteuid() == 0 }
}
