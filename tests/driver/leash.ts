/** Programs that end with this process, however that ends, and leave nothing behind. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/**
 * Holds the program until standard input closes, which the system does for a process that dies; then ends its whole process group, with a
 * last word for what does not listen, and takes its folder away.
 */
const KEEPER = `folder=$1; shift; "$@" & held=$!; cat >/dev/null; trap '' TERM; kill -TERM 0
(sleep 5; kill -KILL $held) & wait $held; rm -rf "$folder"; kill -KILL 0`;

/** A folder for one program's files; it goes with the program. */
export function ownFolder(): string {
	return mkdtempSync(join(tmpdir(), 'noren-browser-'));
}

export class Leashed {
	readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
	readonly #lines: string[] = [];
	#heard: () => void = () => undefined;

	constructor(folder: string, program: readonly string[], env: Readonly<Record<string, string>> = {}) {
		this.#process = spawn('sh', ['-c', KEEPER, 'sh', folder, ...program], {
			stdio: ['pipe', 'pipe', 'pipe'],
			detached: true,
			env: { ...process.env, ...env },
		});
		for (const output of [this.#process.stdout, this.#process.stderr])
			createInterface({ input: output }).on('line', (line) => {
				this.#lines.push(line);
				this.#heard();
			});
		// What keeps a process of tests alive are its tests.
		this.#process.unref();
	}

	/** Waits until the program says something that fits, and returns what the expression caught. */
	async says(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
		const late = AbortSignal.timeout(timeoutMs);
		for (;;) {
			for (const line of this.#lines) {
				const found = pattern.exec(line);
				if (found !== null) return found;
			}
			await new Promise<void>((resolve, reject) => {
				this.#heard = resolve;
				const give = () => reject(new Error(`in ${timeoutMs} ms no ${pattern} but:\n${this.#lines.join('\n')}`));
				late.addEventListener('abort', give, { once: true });
			});
		}
	}

	async end(): Promise<void> {
		const { exitCode, signalCode } = this.#process;
		if (exitCode !== null || signalCode !== null) return;
		const gone = new Promise((resolve) => this.#process.once('exit', resolve));
		this.#process.stdin.end();
		await gone;
	}
}
