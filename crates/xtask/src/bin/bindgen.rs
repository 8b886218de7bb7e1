//! `bindgen INPUT.wasm FOLDER`: writes `bindings.js` and `bindings_bg.wasm` for the Worker's runtime.
//!
//! The same settings as Cloudflare's own `worker-build`: an ES module that imports its wasm as a module, with a function that starts a
//! fresh instance and a handler that asks for one after an abort. Used as a library because that needs nothing but Rust: the
//! command-line tools bring TLS and download code that a fresh machine would have to compile, with system headers it may not have.

use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, folder] = arguments.as_slice() else {
        eprintln!("usage: bindgen INPUT.wasm FOLDER");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).out_name("bindings");
    bindgen.typescript(false).keep_debug(false).omit_default_module_path(true);
    bindgen.reset_state_function(true).force_enable_abort_handler(true);
    match bindgen.module(true).and_then(|bindgen| bindgen.generate(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
