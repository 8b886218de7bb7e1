/**
 * GoRules zen in WebAssembly: its browser package evaluates expressions over a context that crosses once an input. All rules are one
 * expression, a list, so that the boundary is crossed no oftener.
 */
import init, { Variable } from '@gorules/zen-engine-wasm/dist/zen_engine_wasm.js';
import { conjunction, type Words } from '../expression.ts';
import { library, type Context } from '../history.ts';

const WORDS: Words = { and: 'and', or: 'or', literal: (value) => JSON.stringify(value) };

export const engine = library(
	(clauses) => conjunction(clauses, WORDS),
	async (rules, wasm) => {
		const { memory } = await init({ module_or_path: wasm });
		const whole = `[${rules.join(', ')}]`;
		const ask = (context: Context): unknown => {
			const variable = new Variable(context);
			const answer = variable.evaluateExpression(whole);
			variable.free();
			return answer;
		};
		return Object.assign(ask, { memory });
	},
	(answer) => (answer as unknown[]).flatMap((open, number) => (open === true ? [number] : [])),
);
