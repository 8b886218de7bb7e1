/** Who takes part: from source to a bundle as a site would serve it, and why one cannot. */
import { build } from 'esbuild';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Engine } from './contender.ts';

export interface Entry {
	/** How the tables call it. */
	readonly title: string;
	/** Its bundle; absent when it could not be made. */
	readonly bundle?: string;
	/** Its WebAssembly, or ''. */
	readonly wasm: string;
	readonly engine?: Engine;
	/** Why it does not take part. */
	readonly absent?: string;
}

/** The limit that all are compared with. */
export const LIMIT = 'by hand, indexed by event';
export const NOREN = 'Noren, wasm';
export const NATIVE = 'Noren, native';

/** Entry file, title, package and, where it has one, the package's WebAssembly. */
const ALL: readonly (readonly [file: string, title: string, name?: string, wasm?: string])[] = [
	['peers/indexed.ts', LIMIT],
	['peers/closures.ts', 'by hand, closures'],
	['noren.ts', NOREN],
	['peers/cel.ts', 'cel-js', '@marcbachmann/cel-js'],
	['peers/jsonLogicEngine.ts', 'json-logic-engine', 'json-logic-engine'],
	['peers/jsonLogicJs.ts', 'json-logic-js', 'json-logic-js'],
	['peers/growthbook.ts', 'GrowthBook', '@growthbook/growthbook'],
	['peers/sift.ts', 'sift', 'sift'],
	['peers/jsonRulesEngine.ts', 'json-rules-engine', 'json-rules-engine'],
	['peers/zen.ts', 'GoRules zen, wasm', '@gorules/zen-engine-wasm', 'dist/zen_engine_wasm_bg.wasm'],
];

/** `packages`: folders that hold installed packages. `missing`: by package, why it could not be installed. */
export async function contenders(
	work: string,
	packages: readonly string[],
	missing: Readonly<Record<string, string>>,
	agentWasm: string,
): Promise<Entry[]> {
	const one = async ([file, title, name, wasmPath]: (typeof ALL)[number]): Promise<Entry> => {
		const absent = (why: string): Entry => ({ title, wasm: '', absent: why });
		if (name && missing[name]) return absent(`not installed: ${missing[name]}`);
		const home = packages.map((folder) => join(folder, name ?? '')).find((path) => existsSync(path));
		if (name && !home) return absent(`not installed: no folder ${name}`);
		const bundle = join(work, `${title.replace(/\W+/g, '-')}.mjs`);
		try {
			await build({
				entryPoints: [join(import.meta.dirname, file)],
				outfile: bundle,
				bundle: true,
				minify: true,
				format: 'esm',
				platform: 'node',
				target: 'es2022',
				mainFields: ['module', 'main'],
				nodePaths: [...packages],
				logLevel: 'silent',
				// What some packages call when they are read as CommonJS.
				banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
			});
			const { engine } = (await import(pathToFileURL(bundle).href)) as { engine: Engine };
			const wasm = wasmPath ? join(home!, wasmPath) : title === NOREN ? agentWasm : '';
			return { title, bundle, wasm, engine };
		} catch (error) {
			return absent(`cannot be loaded: ${String(error).split('\n').slice(0, 3).join(' ')}`);
		}
	};
	return Promise.all(ALL.map(one));
}

export const wasmOf = ({ wasm }: Entry): Uint8Array => (wasm ? new Uint8Array(readFileSync(wasm)) : new Uint8Array());
