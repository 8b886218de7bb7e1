/** What a trace of Chromium says about the main thread: how much of its time belongs to a tool. docs/bench.md tells the rule in words. */

/** A line of a trace, as far as it is read here. Times are microseconds. */
export interface TraceEvent {
	readonly name: string;
	readonly ph: string;
	readonly pid: number;
	readonly tid: number;
	readonly ts: number;
	readonly dur?: number;
	/** Processor time of the slice, which others on the machine hardly move. */
	readonly tdur?: number;
	readonly args?: {
		readonly name?: string;
		readonly fileName?: string;
		readonly url?: string;
		readonly data?: {
			readonly url?: string;
			readonly scriptUrl?: string;
			readonly requestId?: string;
			readonly processId?: number;
			readonly styleSheetUrl?: string;
			readonly frame?: string;
		};
	};
}

/** Milliseconds on one clock. */
export interface Spent {
	/** All tasks. */
	readonly total: number;
	/** Slices that name an address of the tool, with what is nested in them and names nobody else's. */
	readonly tool: number;
	/** Script, WebAssembly and garbage collection that stand in nobody's slice: to compare with the empty page's. */
	readonly loose: number;
}

export interface MainThread {
	/** Processor time. A slow-down by the browser is not in it: it lets the thread wait. */
	readonly cpu: Spent;
	/** Time on the clock, with the slow-down, and with waiting for a processor that others have. */
	readonly wall: Spent;
	/** Of the tool's processor time, by the slice's name: where the time goes. */
	readonly byName: Readonly<Record<string, number>>;
	/** The same of what stands in nobody's slice. */
	readonly looseByName: Readonly<Record<string, number>>;
	/** Tasks of over 50 ms on the clock, as the browser counts them. */
	readonly longTasks: number;
	/** Those of them that hold a slice of the tool, and those that would not be long without it. */
	readonly longWithTool: number;
	readonly longByTool: number;
	/** Processor time of compiling and collecting in the same process beside the main thread. */
	readonly elsewhere: number;
}

const LONG_US = 50_000;
const TASK = /^(RunTask|ThreadControllerImpl::RunTask)$/;
/** Work for scripts that carries no address. */
const LOOSE =
	/^(RunMicrotasks|MinorGC|MajorGC|V8\.GC|V8GC|BlinkGC|wasm\.|v8\.wasm|V8\.Wasm|v8\.|V8\.|CppGC|FunctionCall|EvaluateScript|TimerFire)/;

type Owner = 'tool' | 'other' | 'none';

interface Open {
	readonly event: TraceEvent;
	readonly end: number;
	readonly owner: Owner;
	readonly loose: boolean;
	readonly task: Task | undefined;
	/** What the slices directly in it take. */
	readonly inside: Clocks;
}

/** Microseconds on both clocks. */
interface Clocks {
	cpu: number;
	wall: number;
}

interface Task {
	readonly wall: number;
	tool: number;
	has: boolean;
}

/** The main thread of the process that committed `page`; the last one, where several did. */
export function mainThread(events: readonly TraceEvent[], page: string): { pid: number; tid: number } {
	const commits = events.filter(
		({ name, args }) => name === 'FrameCommittedInBrowser' && args?.data?.url?.startsWith(page),
	);
	const pid = commits.at(-1)?.args?.data?.processId;
	const thread = events.find(
		(event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain' && event.pid === pid,
	);
	if (pid === undefined || !thread) throw new Error(`the trace does not tell which thread showed ${page}`);
	return { pid, tid: thread.tid };
}

/** Reads a trace of one load of `page`; `isTool` says of an address whether it is the tool's. */
export function read(events: readonly TraceEvent[], page: string, isTool: (url: string) => boolean): MainThread {
	const { pid, tid } = mainThread(events, page);
	const byRequest = new Map<string, string>();
	for (const { args } of events)
		if (args?.data?.requestId && args.data.url) byRequest.set(args.data.requestId, args.data.url);

	const ownerOf = ({ name, args }: TraceEvent): Owner | undefined => {
		const data = args?.data;
		const url = data?.url || data?.scriptUrl || data?.styleSheetUrl || args?.fileName || args?.url;
		const found = url || (data?.requestId && byRequest.get(data.requestId));
		// Parsing the document is the document's, whatever runs in it.
		if (!found || name === 'ParseHTML') return undefined;
		return isTool(found) ? 'tool' : 'other';
	};

	const slices = events.filter((event) => event.ph === 'X' && event.pid === pid && event.tid === tid);
	slices.sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
	const cost = ({ tdur, dur = 0 }: TraceEvent): Clocks => ({ cpu: tdur ?? dur, wall: dur });
	const add = (to: Clocks, { cpu, wall }: Clocks): void => {
		to.cpu += cpu;
		to.wall += wall;
	};

	const total: Clocks = { cpu: 0, wall: 0 };
	const tool: Clocks = { cpu: 0, wall: 0 };
	const loose: Clocks = { cpu: 0, wall: 0 };
	const byName: Record<string, number> = {};
	const looseByName: Record<string, number> = {};
	const tasks: Task[] = [];
	const stack: Open[] = [];
	const finish = ({ event, owner, loose: isLoose, inside, task }: Open): void => {
		const all = cost(event);
		const own = { cpu: Math.max(0, all.cpu - inside.cpu), wall: Math.max(0, all.wall - inside.wall) };
		if (owner === 'tool') {
			add(tool, own);
			byName[event.name] = (byName[event.name] ?? 0) + own.cpu / 1000;
			if (task) {
				task.tool += own.wall;
				task.has = true;
			}
		} else if (owner === 'none' && isLoose) {
			add(loose, own);
			looseByName[event.name] = (looseByName[event.name] ?? 0) + own.cpu / 1000;
		}
	};
	for (const event of slices) {
		while (stack.length && stack.at(-1)!.end <= event.ts) finish(stack.pop()!);
		const parent = stack.at(-1);
		let task = parent?.task;
		if (TASK.test(event.name) && !task) {
			task = { wall: event.dur ?? 0, tool: 0, has: false };
			tasks.push(task);
			add(total, cost(event));
		}
		if (parent) add(parent.inside, cost(event));
		stack.push({
			event,
			end: event.ts + (event.dur ?? 0),
			owner: ownerOf(event) ?? parent?.owner ?? 'none',
			loose: LOOSE.test(event.name) || (parent?.loose ?? false),
			task,
			inside: { cpu: 0, wall: 0 },
		});
	}
	while (stack.length) finish(stack.pop()!);

	const spent = (clock: 'cpu' | 'wall'): Spent => ({
		total: total[clock] / 1000,
		tool: tool[clock] / 1000,
		loose: loose[clock] / 1000,
	});
	const long = tasks.filter(({ wall }) => wall > LONG_US);
	return {
		cpu: spent('cpu'),
		wall: spent('wall'),
		byName,
		looseByName,
		longTasks: long.length,
		longWithTool: long.filter(({ has }) => has).length,
		longByTool: long.filter(({ wall, tool: own }) => own > 0 && wall - own <= LONG_US).length,
		elsewhere: besides(events, pid, tid) / 1000,
	};
}

/** Outermost slices of compiling and collecting on the process's other threads. */
function besides(events: readonly TraceEvent[], pid: number, main: number): number {
	const slices = events.filter(
		({ ph, pid: of, tid, name }) => ph === 'X' && of === pid && tid !== main && /wasm|v8\.|V8\.|GC/.test(name),
	);
	slices.sort((a, b) => a.tid - b.tid || a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
	let sum = 0;
	let tid = -1;
	let end = -Infinity;
	for (const slice of slices) {
		if (slice.tid === tid && slice.ts < end) continue;
		({ tid } = slice);
		end = slice.ts + (slice.dur ?? 0);
		sum += slice.tdur ?? slice.dur ?? 0;
	}
	return sum;
}
