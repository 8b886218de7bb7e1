/**
 * A real edge for one test file: the Workers runtime, started by `cargo xtask serve`, which is what `up` runs too, with a state folder of
 * its own that is deleted in the end. Run `cargo xtask build` first when a test file is started by hand.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Admin } from './admin.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;

export interface EdgeOptions {
	/** Publish examples/campaigns to the demo site. Without it the site has no campaign. */
	readonly seed?: boolean;
	/** Objects are kept in memory of so many bytes, as on a disk that is soon full; nothing survives `kill`. Needs `unshare` with user namespaces. */
	readonly diskBytes?: number;
}

/** The line `serve` prints when it answers. */
interface Announcement {
	readonly url: string;
	readonly port: number;
	readonly pid: number;
	readonly token: string;
}

export class Edge {
	/** Without a slash at its end; the same after a restart. */
	readonly url: string;
	/** Signs in as the developer. */
	readonly token: string;
	readonly admin: Admin;
	readonly #state: string;
	readonly #port: number;
	#pid: number;
	#process: ChildProcessWithoutNullStreams;

	private constructor(state: string, process: ChildProcessWithoutNullStreams, announcement: Announcement) {
		this.#state = state;
		this.#process = process;
		this.#port = announcement.port;
		this.#pid = announcement.pid;
		this.url = announcement.url;
		this.token = announcement.token;
		this.admin = new Admin(announcement.url, announcement.token);
	}

	/** Starts an edge that remembers nothing, on a free port. */
	static async start(options: EdgeOptions = {}): Promise<Edge> {
		const state = mkdtempSync(join(tmpdir(), 'noren-edge-'));
		try {
			const { process, announcement } = await serve(state, 0, options);
			return new Edge(state, process, announcement);
		} catch (error) {
			rmSync(state, { recursive: true, force: true });
			throw error;
		}
	}

	/** Kills the runtime itself with SIGKILL, as a power failure would, and waits until it is gone. */
	async kill(): Promise<void> {
		const gone = ended(this.#process);
		process.kill(this.#pid, 'SIGKILL');
		await gone;
	}

	/**
	 * The databases of all objects of a class, by their class's name, as they lie on disk. For what only a look at them can bring about:
	 * memory of another version, a due time that is over. Use between `kill` and `restart`.
	 */
	databases(kind: string): string[] {
		const files = readdirSync(this.#state, { recursive: true, encoding: 'utf8' });
		const objects = files.filter((file) => file.endsWith('.sqlite') && !file.endsWith('metadata.sqlite'));
		return objects.filter((file) => file.includes(kind)).map((file) => join(this.#state, file));
	}

	/** The folder of the objects as the runtime sees it, while it runs. */
	get objects(): string {
		return join(`/proc/${this.#pid}/root`, this.#state, 'do');
	}

	/** The runtime's own process. */
	get pid(): number {
		return this.#pid;
	}

	/** What the runtime and the Worker wrote to their log. */
	log(): string {
		return readFileSync(join(this.#state, 'runtime.log'), 'utf8');
	}

	/** Starts again at the same address with the same memory; use after `kill`. */
	async restart(): Promise<void> {
		const { process, announcement } = await serve(this.#state, this.#port, {});
		this.#process = process;
		this.#pid = announcement.pid;
	}

	/** Stops the edge and deletes what it remembered. */
	async stop(): Promise<void> {
		if (this.#process.exitCode === null && this.#process.signalCode === null) {
			const gone = ended(this.#process);
			this.#process.kill('SIGTERM');
			await gone;
		}
		rmSync(this.#state, { recursive: true, force: true });
	}
}

function ended(process: ChildProcessWithoutNullStreams): Promise<void> {
	return new Promise((resolve) => process.once('exit', () => resolve()));
}

/** A shell's line that puts a small disk where objects are kept, seen by nobody else, and then becomes its arguments. */
function onSmallDisk(state: string, bytes: number): string {
	const folder = join(state, 'do');
	return `mkdir -p '${folder}' && mount -t tmpfs -o size=${bytes} tmpfs '${folder}' && exec "$@"`;
}

async function serve(
	state: string,
	port: number,
	{ seed = false, diskBytes }: EdgeOptions,
): Promise<{ process: ChildProcessWithoutNullStreams; announcement: Announcement }> {
	// `cargo xtask test` names its own program; by hand cargo finds it.
	const given = process.env['NOREN_XTASK'];
	const [program, first] = given === undefined ? ['cargo', ['xtask']] : [given, []];
	const words = [
		'serve',
		'--port',
		String(port),
		'--state',
		state,
		'--until-stdin-closes',
		...(seed ? [] : ['--no-seed']),
	];
	const all = [program, ...first, ...words];
	const child =
		diskBytes === undefined
			? spawn(program, [...first, ...words], { cwd: ROOT, stdio: 'pipe' })
			: spawn(
					'unshare',
					['--user', '--map-root-user', '--mount', 'sh', '-c', onSmallDisk(state, diskBytes), 'sh', ...all],
					{
						cwd: ROOT,
						stdio: 'pipe',
					},
				);
	let complaints = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
	const announcement = await new Promise<Announcement>((resolve, reject) => {
		createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as Announcement));
		child.once('error', reject);
		child.once('exit', (code) => reject(new Error(`the edge ended with ${code} before it answered\n${complaints}`)));
	});
	return { process: child, announcement };
}
