//! `deploy`: builds, makes sure that nothing meant for one machine goes along, and hands over to wrangler.

use crate::build::{WORKER_OUTPUT, build};
use crate::command::{command, run};
use crate::failure::{Failure, Result};
use crate::options::Options;
use crate::progress::step;
use crate::room::{Room, files_below};
use crate::upload;
use std::path::{Path, PathBuf};

/// The binding that must never leave a developer's machine.
const DEV_TOKEN: &str = "NOREN_DEV_TOKEN";

/// `deploy [--dry-run] [--state DIR]`.
///
/// # Errors
/// When the build fails, a development token is found, or wrangler refuses.
pub fn deploy(room: &Room, words: &[String]) -> Result<()> {
    let options = Options::parse(words, &["--dry-run"], &["--state"])?;
    build(room)?;
    let state = options.value("--state").map_or_else(|| room.at(".noren"), PathBuf::from);
    step("deploy: look for development tokens", || refuse_tokens(room, &state))?;
    let mut wrangler = command(room.npm_program("node"), &room.root);
    wrangler.arg(room.npm_program("wrangler")).args(["deploy", "--config", "worker/wrangler.jsonc"]);
    wrangler.env("WRANGLER_SEND_METRICS", "false");
    if options.has("--dry-run") {
        let out = room.out.join("deploy");
        // What an earlier run left there would be listed too.
        let _ = std::fs::remove_dir_all(&out);
        wrangler.arg("--dry-run").arg("--outdir").arg(&out);
        step("deploy: wrangler, dry run", || run(&mut wrangler))?;
        refuse_in(&token_of(&state), &files_below(&out, &[]))?;
        return upload::list(room, &out);
    }
    step("deploy: wrangler", || run(&mut wrangler))
}

fn token_of(state: &Path) -> String {
    std::fs::read_to_string(state.join("dev-token")).unwrap_or_default().trim().to_owned()
}

fn refuse_tokens(room: &Room, state: &Path) -> Result<()> {
    // The Worker's code may name the binding, only configuration may not.
    for name in ["worker/wrangler.jsonc", "worker/.dev.vars", "worker/.env"] {
        let text = std::fs::read_to_string(room.at(name)).unwrap_or_default();
        if text.contains(DEV_TOKEN) {
            return Err(Failure::new(format!("{name} carries {DEV_TOKEN}, which signs anybody in: take it out")));
        }
    }
    let mut files = vec![room.at("worker/wrangler.jsonc")];
    files.extend(files_below(&room.at(WORKER_OUTPUT), &[]));
    files.extend(files_below(&room.assets(), &[]));
    refuse_in(&token_of(state), &files)
}

fn refuse_in(token: &str, files: &[PathBuf]) -> Result<()> {
    if token.is_empty() {
        return Ok(());
    }
    let found = files.iter().find(|file| {
        std::fs::read(file).is_ok_and(|content| content.windows(token.len()).any(|window| window == token.as_bytes()))
    });
    match found {
        Some(file) => {
            Err(Failure::new(format!("{} contains this machine's development token: do not deploy it", file.display())))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_inside_any_file_is_found() {
        let folder = std::env::temp_dir().join(format!("noren-deploy-{}", std::process::id()));
        let (clean, tainted) = (folder.join("clean"), folder.join("tainted"));
        crate::stamp::write(&clean, b"nothing here").expect("writes");
        crate::stamp::write(&tainted, b"\xff\x00 abcdef \xff").expect("writes");
        assert!(refuse_in("abcdef", std::slice::from_ref(&clean)).is_ok());
        assert!(refuse_in("abcdef", &[clean, tainted.clone()]).is_err());
        assert!(refuse_in("", &[tainted]).is_ok(), "no token, nothing to find");
    }
}
