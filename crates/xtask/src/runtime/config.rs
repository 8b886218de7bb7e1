//! The local runtime's configuration, in its own format, made from wrangler.jsonc: bindings, classes and dates are written down once.

use super::secrets::Secrets;
use crate::wrangler::Wrangler;
use std::fmt::Write;
use std::path::Path;

/// What is local about a local run.
pub struct Local<'a> {
    /// 0 lets the system choose.
    pub port: u16,
    /// Durable Objects are kept below it, one SQLite file each.
    pub state: &'a Path,
    /// The served files.
    pub assets: &'a Path,
    /// Given to the Worker as text bindings.
    pub secrets: &'a Secrets,
}

/// The configuration as Cap'n Proto text. What the platform would know of where a request came from, a request may say itself here, as JSON
/// in the header `noren-cf`: so that rules by place can be tried on one machine. It expects the Worker's module and wasm in its own folder.
pub fn generate(wrangler: &Wrangler, local: &Local) -> String {
    let mut bindings = String::new();
    for (name, class) in &wrangler.objects {
        let _ = writeln!(bindings, "    (name = {}, durableObjectNamespace = {}),", quoted(name), quoted(class));
    }
    let _ = writeln!(bindings, "    (name = {}, service = \"assets\"),", quoted(&wrangler.assets_binding));
    let secrets = [("NOREN_SECRET", &local.secrets.secret), ("NOREN_DEV_TOKEN", &local.secrets.dev_token)];
    let vars = wrangler.vars.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in vars.chain(secrets) {
        let _ = writeln!(bindings, "    (name = {}, text = {}),", quoted(name), quoted(value));
    }
    let mut classes = String::new();
    for (_, class) in &wrangler.objects {
        // As wrangler names them, so that a state folder and a deployment agree on what an object's id means.
        let key = quoted(&format!("{}-{class}", wrangler.name));
        let sqlite = wrangler.sqlite_classes.contains(class);
        let _ = writeln!(classes, "    (className = {}, uniqueKey = {key}, enableSql = {sqlite}),", quoted(class));
    }
    let flags: Vec<String> = wrangler.compatibility_flags.iter().map(|flag| quoted(flag)).collect();
    format!(
        r#"using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "assets", disk = (path = {assets}, writable = false)),
    (name = "objects", disk = (path = {objects}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (cfBlobHeader = "noren-cf"), service = "edge")],
);

const edge :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "index.js"),
    (name = "bindings_bg.wasm", wasm = embed "bindings_bg.wasm"),
  ],
  compatibilityDate = {date},
  compatibilityFlags = [{flags}],
  bindings = [
{bindings}  ],
  durableObjectNamespaces = [
{classes}  ],
  durableObjectStorage = (localDisk = "objects"),
);
"#,
        assets = quoted(&local.assets.to_string_lossy()),
        objects = quoted(&local.state.join("do").to_string_lossy()),
        port = local.port,
        date = quoted(&wrangler.compatibility_date),
        flags = flags.join(", "),
    )
}

/// The configuration of a Worker of one module, `index.js` in its own folder, with one class of objects below `state`; dates as Noren has them.
pub fn script(wrangler: &Wrangler, state: &Path, class: &str) -> String {
    format!(
        r#"using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "objects", disk = (path = {objects}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  compatibilityDate = {date},
  bindings = [(name = {binding}, durableObjectNamespace = {class})],
  durableObjectNamespaces = [(className = {class}, uniqueKey = {class}, enableSql = true)],
  durableObjectStorage = (localDisk = "objects"),
);
"#,
        objects = quoted(&state.join("do").to_string_lossy()),
        date = quoted(&wrangler.compatibility_date),
        binding = quoted(&class.to_uppercase()),
        class = quoted(class),
    )
}

/// A Cap'n Proto string literal.
fn quoted(text: &str) -> String {
    let mut literal = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            _ => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binding_of_wrangler_reaches_the_local_runtime() {
        let wrangler = Wrangler {
            name: "noren".into(),
            compatibility_date: "2026-01-01".into(),
            compatibility_flags: vec!["a_flag".into()],
            objects: vec![("SITE".into(), "Site".into()), ("OLD".into(), "Old".into())],
            sqlite_classes: vec!["Site".into()],
            assets_binding: "ASSETS".into(),
            vars: vec![("GREETING".into(), "say \"hello\"".into())],
        };
        let secrets = Secrets { secret: "s".into(), dev_token: "t".into() };
        let local = Local { port: 8787, state: Path::new("/state"), assets: Path::new("/assets"), secrets: &secrets };
        let text = generate(&wrangler, &local);
        for part in [
            r#"(name = "SITE", durableObjectNamespace = "Site")"#,
            r#"(className = "Site", uniqueKey = "noren-Site", enableSql = true)"#,
            r#"(className = "Old", uniqueKey = "noren-Old", enableSql = false)"#,
            r#"(name = "GREETING", text = "say \"hello\"")"#,
            r#"(name = "NOREN_DEV_TOKEN", text = "t")"#,
            r#"(name = "ASSETS", service = "assets")"#,
            r#"compatibilityFlags = ["a_flag"]"#,
            r#"address = "127.0.0.1:8787""#,
            r#"path = "/state/do", writable = true"#,
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
