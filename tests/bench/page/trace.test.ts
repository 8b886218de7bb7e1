/** What belongs to a tool and what does not: small traces by hand, as the browser writes them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTool } from './load.ts';
import { read } from './trace.ts';
import type { TraceEvent } from './trace.ts';

const PAGE = 'http://127.0.0.1:5000/shop/';
const TOOL = 'http://127.0.0.1:5000/tag.js';
const SHOP = 'http://127.0.0.1:5000/shop/main.js';

type Data = NonNullable<NonNullable<TraceEvent['args']>['data']>;

/** A slice of the main thread; times in ms, half of each on the processor. */
const slice = (name: string, from: number, ms: number, data: Data = {}, tid = 1): TraceEvent => ({
	name,
	ph: 'X',
	pid: 7,
	tid,
	ts: from * 1000,
	dur: ms * 1000,
	tdur: ms * 500,
	args: { data },
});
const line = (name: string, args: TraceEvent['args'], pid = 7): TraceEvent => ({
	name,
	ph: 'I',
	pid,
	tid: 1,
	ts: 0,
	...(args && { args }),
});

const begin = [
	line('FrameCommittedInBrowser', { data: { url: PAGE, processId: 7 } }, 1),
	line('thread_name', { name: 'CrRendererMain' }, 6),
	line('thread_name', { name: 'CrRendererMain' }),
];
const of = (...slices: TraceEvent[]) => read([...begin, ...slices], PAGE, isTool);

test('a slice is whose address it names, and what is nested in it is as well until it names another', () => {
	const { wall, cpu, byName } = of(
		slice('RunTask', 0, 20),
		slice('EvaluateScript', 1, 10, { url: TOOL }),
		slice('V8.CompileCode', 2, 3),
		slice('FunctionCall', 6, 4, { url: SHOP }),
		slice('FunctionCall', 12, 5, { url: SHOP }),
		slice('FunctionCall', 13, 2, { url: TOOL }),
	);
	assert.deepEqual(wall, { total: 20, tool: 8, loose: 0 });
	assert.deepEqual(cpu, { total: 10, tool: 4, loose: 0 });
	assert.deepEqual(byName, { EvaluateScript: 1.5, 'V8.CompileCode': 1.5, FunctionCall: 1 });
});

test("script, WebAssembly and collecting in nobody's slice are told apart, and other work is not script", () => {
	const { wall } = of(
		slice('RunTask', 0, 10),
		slice('RunMicrotasks', 1, 3),
		slice('MajorGC', 5, 2),
		slice('RunTask', 20, 10),
		slice('Layout', 21, 8),
		slice('v8.wasm.instantiate', 40, 1),
	);
	assert.deepEqual(wall, { total: 20, tool: 0, loose: 6 });
});

test('an answer of the network is the tool’s by the request it belongs to, and WebAssembly is the tool’s', () => {
	const { wall } = of(
		slice('ResourceSendRequest', 0, 0, { requestId: '9', url: TOOL }),
		slice('ResourceReceivedData', 1, 2, { requestId: '9' }),
		slice('FunctionCall', 4, 3, { url: 'wasm://wasm/0012' }),
		slice('ParseHTML', 8, 5, { url: PAGE }),
	);
	assert.equal(wall.tool, 5);
});

test('a long task is by the tool where it would not be long without it', () => {
	const { longTasks, longWithTool, longByTool } = of(
		slice('RunTask', 0, 60),
		slice('EvaluateScript', 1, 20, { url: TOOL }),
		slice('RunTask', 100, 80),
		slice('EvaluateScript', 101, 2, { url: TOOL }),
		slice('RunTask', 200, 70),
		slice('RunTask', 300, 50),
		slice('EvaluateScript', 301, 49, { url: TOOL }),
	);
	assert.deepEqual([longTasks, longWithTool, longByTool], [3, 2, 1]);
});

test('other threads compile beside it, once each, and other processes do not count', () => {
	const elsewhere = of(
		slice('v8.compile', 0, 4, {}, 2),
		slice('V8.CompileCode', 1, 2, {}, 2),
		slice('wasm.CompileFunctions', 1, 6, {}, 3),
		{ ...slice('V8.GC_Background', 0, 50), pid: 6 },
	).elsewhere;
	assert.equal(elsewhere, 5);
});

test('a trace without the page says so', () => {
	assert.throws(() => read([], PAGE, isTool), /which thread showed/);
});

test('the shop is nobody’s, whatever else is on its origin is the tool’s', () => {
	assert.deepEqual(
		[TOOL, `${PAGE}main.js`, 'http://127.0.0.1:5000/noren/v1/site?site=demo', 'extensions::x', ''].map(isTool),
		[true, false, true, false, false],
	);
});
