/**
 * Constants that `cargo xtask build` writes into the bundles. Every address carries a hash of the content it names.
 */

/** In surfaces.js: the folder of the widgets' modules, each called as its own folder is; it ends with a slash. */
declare const __WIDGETS__: string;

/** In tag.js: the address of agent.js. */
declare const __AGENT_JS__: string;

/** In tag.js: the address of the agent's WebAssembly, so that the tag can start fetching it early. */
declare const __AGENT_WASM__: string;

/** In the console: the address of the editor's WebAssembly. */
declare const __EDITOR_WASM__: string;
