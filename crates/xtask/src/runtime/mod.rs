//! Running the edge locally: Cloudflare's own runtime, `workerd`, under the configuration that wrangler.jsonc implies. `up`, the
//! end-to-end tests and the fault tests all come through here, so what they run is one thing.

mod config;
mod http;
mod secrets;
mod seed;

pub use secrets::Secrets;
pub use seed::{check_faces, seed};

use crate::build::WORKER_OUTPUT;
use crate::failure::{Context, Failure, Result};
use crate::progress::say;
use crate::room::{Room, files_below};
use crate::stamp::write;
use crate::sys;
use crate::wrangler::Wrangler;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the runtime may take from its start to its first healthy answer.
const HEALTHY_WITHIN: Duration = Duration::from_secs(30);
/// How many of the runtime's last lines are shown when it dies.
const LAST_LINES: usize = 30;

/// A running edge.
pub struct Runtime {
    child: Child,
    log: PathBuf,
    /// The port it answers on, at 127.0.0.1.
    pub port: u16,
    /// Its secrets, for signing in.
    pub secrets: Secrets,
}

impl Runtime {
    /// Starts the edge on `port` (0: any free one) with everything it remembers in `state`, and waits until it answers.
    ///
    /// # Errors
    /// When the port is taken, nothing was built, or the runtime ends or stays silent; its last lines are in the message.
    pub fn start(room: &Room, state: &Path, port: u16) -> Result<Self> {
        let state = std::path::absolute(state).context(|| format!("finding {}", state.display()))?;
        free_port(port)?;
        let secrets = Secrets::of(&state)?;
        let folder = prepare(room, &state)?;
        let wrangler = Wrangler::read(room)?;
        let capnp = config::generate(
            &wrangler,
            &config::Local { port, state: &state, assets: &folder.join("assets"), secrets: &secrets },
        );
        Self::launch(room, &state, &folder, &capnp, secrets, port, "/noren/v1/health")
    }

    /// Starts a Worker made of the one module `script`, with one class of objects, kept in `state`, to which it is bound by the class's name
    /// in capitals: what `bench edge` measures Noren beside.
    ///
    /// # Errors
    /// As [`Runtime::start`].
    pub fn start_script(room: &Room, state: &Path, script: &Path, class: &str) -> Result<Self> {
        let state = std::path::absolute(state).context(|| format!("finding {}", state.display()))?;
        let folder = state.join("runtime");
        for folder in [&folder, &state.join("do")] {
            std::fs::create_dir_all(folder).context(|| format!("creating {}", folder.display()))?;
        }
        std::fs::copy(script, folder.join("index.js")).context(|| format!("copying {}", script.display()))?;
        let capnp = config::script(&Wrangler::read(room)?, &state, class);
        Self::launch(room, &state, &folder, &capnp, Secrets::of(&state)?, 0, "/")
    }

    fn launch(
        room: &Room,
        state: &Path,
        folder: &Path,
        capnp: &str,
        secrets: Secrets,
        port: u16,
        health: &str,
    ) -> Result<Self> {
        write(&folder.join("config.capnp"), capnp.as_bytes())?;
        let log = state.join("runtime.log");
        let output = File::create(&log).context(|| format!("creating {}", log.display()))?;
        let errors = output.try_clone().context(|| "duplicating a descriptor".into())?;

        // The runtime reports what it listens on, one JSON a line, to a descriptor of our choice: its standard output.
        let mut command = Command::new(room.npm_program("workerd"));
        command.args(["serve", "--control-fd=1", "config.capnp"]).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
        drop(output);
        let mut child = sys::spawn_grouped(&mut command).context(|| "starting workerd".into())?;
        let listening = listened_port(&mut child);
        let mut runtime = Self { child, log, port: listening.unwrap_or(port), secrets };
        if listening.is_none() {
            return Err(runtime.died());
        }
        runtime.wait_until_healthy(health)?;
        Ok(runtime)
    }

    /// The address of the edge, without a slash at its end.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The runtime's own process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_healthy(&mut self, path: &str) -> Result<()> {
        let deadline = Instant::now() + HEALTHY_WITHIN;
        let mut last = String::new();
        while Instant::now() < deadline {
            if self.child.try_wait().ok().flatten().is_some() {
                return Err(self.died());
            }
            match http::get(self.port, path) {
                Ok(answer) if answer.status == 200 => return Ok(()),
                Ok(answer) => last = format!("status {}", answer.status),
                Err(failure) => last = failure.to_string(),
            }
            // Between two questions to a process that is starting; the loop ends by its answer, not by this.
            std::thread::sleep(Duration::from_millis(30));
        }
        Err(Failure::new(format!("the edge did not become healthy ({last})\n{}", self.last_lines())))
    }

    /// Waits for the runtime to end, which it should not.
    pub fn wait(&mut self) -> Failure {
        let _ = self.child.wait();
        self.died()
    }

    fn died(&mut self) -> Failure {
        let status = self.child.wait().map(|status| status.to_string()).unwrap_or_default();
        sys::unless_stopping();
        sys::release(&self.child);
        Failure::new(format!("the Workers runtime ended ({status}); its last lines:\n{}", self.last_lines()))
    }

    fn last_lines(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines.iter().skip(lines.len().saturating_sub(LAST_LINES)).map(|line| format!("    {line}\n")).collect()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        sys::stop_children();
        let _ = self.child.wait();
        sys::release(&self.child);
    }
}

/// Says which option helps when the port is taken, before anything is started.
fn free_port(port: u16) -> Result<()> {
    if port == 0 {
        return Ok(());
    }
    TcpListener::bind(("127.0.0.1", port)).map(|_| ()).map_err(|error| {
        Failure::new(format!("port {port} at 127.0.0.1 cannot be used ({error}): choose another one with --port N"))
    })
}

/// Reads the runtime's reports until it says which port it listens on; `None` when it ends first. Then keeps the pipe drained.
fn listened_port(child: &mut Child) -> Option<u16> {
    let mut reports = BufReader::new(child.stdout.take()?).lines();
    let port = reports.by_ref().map_while(std::result::Result::ok).find_map(|line| {
        let report: Value = serde_json::from_str(&line).ok()?;
        let is = |key: &str, value: &str| report.get(key).and_then(Value::as_str) == Some(value);
        let port = report.get("port")?.as_u64()?;
        (is("event", "listen") && is("socket", "http")).then(|| u16::try_from(port).ok())?
    });
    std::thread::spawn(move || reports.for_each(drop));
    port
}

/// Puts what this run serves into the state folder: a later build must not change the files under a running edge.
fn prepare(room: &Room, state: &Path) -> Result<PathBuf> {
    let folder = state.join("runtime");
    let _ = std::fs::remove_dir_all(&folder);
    for folder in [&folder, &state.join("do")] {
        std::fs::create_dir_all(folder).context(|| format!("creating {}", folder.display()))?;
    }
    for (from, to) in [(room.at(WORKER_OUTPUT), folder.clone()), (room.assets(), folder.join("assets"))] {
        let files = files_below(&from, &[]);
        if files.is_empty() {
            return Err(Failure::new(format!("{} is empty: run `cargo xtask build` first", from.display())));
        }
        for file in files {
            let target = to.join(file.strip_prefix(&from).unwrap_or(&file));
            if let Some(parent) = target.parent() {
                std::fs::create_dir_all(parent).context(|| format!("creating {}", parent.display()))?;
            }
            std::fs::copy(&file, &target).context(|| format!("copying {}", file.display()))?;
        }
    }
    Ok(folder)
}

/// Tells where things are, for a person.
pub fn introduce(runtime: &Runtime) {
    let address = runtime.address();
    say("Noren is open. Ctrl-C closes it.");
    println!();
    println!("  shop     {address}/shop/");
    println!("  console  {address}/noren/console/");
    println!("  sign in  {address}/noren/console/#token={}", runtime.secrets.dev_token);
    println!();
}
