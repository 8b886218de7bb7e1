/**
 * GoRules zen in WebAssembly: its browser package evaluates expressions over a context that crosses once an input. All rules are one
 * expression, a list, so that the boundary is crossed no oftener.
 */
import init, { Variable } from '@gorules/zen-engine-wasm/dist/zen_engine_wasm.js';
import { library, type Context } from '../history.ts';
import type { Clause, Scalar, Test } from '../rules.ts';

const literal = (value: Scalar): string => JSON.stringify(value);
const OPERATORS = { eq: '==', ne: '!=', gte: '>=', lt: '<' } as const;

function expression(test: Test): string {
	const [root, name] = test.path.split('.') as [string, string];
	const path = root === 'counts' ? `counts[${name}]` : test.path;
	if (test.op === 'in') return `${path} in [${test.value.map(literal).join(', ')}]`;
	if (test.op === 'has') return `${literal(test.value)} in ${path}`;
	return `${path} ${OPERATORS[test.op]} ${literal(test.value)}`;
}

const clause = (clause: Clause): string =>
	'any' in clause ? `(${clause.any.map(expression).join(' or ')})` : expression(clause);

export const engine = library(
	(clauses) => clauses.map(clause).join(' and '),
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
