/** Common Expression Language: each rule an expression, parsed once. */
import { Environment } from '@marcbachmann/cel-js';
import { each, library } from '../history.ts';
import type { Clause, Scalar, Test } from '../rules.ts';

/** Numbers are doubles, as JavaScript's are. */
const literal = (value: Scalar): string =>
	typeof value === 'number' ? (Number.isInteger(value) ? `${value}.0` : String(value)) : JSON.stringify(value);

const OPERATORS = { eq: '==', ne: '!=', gte: '>=', lt: '<' } as const;

function expression(test: Test): string {
	const [root, name] = test.path.split('.') as [string, string];
	const path = root === 'counts' ? `counts[${name}]` : test.path;
	if (test.op === 'in') return `${path} in [${test.value.map(literal).join(', ')}]`;
	if (test.op === 'has') return `${literal(test.value)} in ${path}`;
	return `${path} ${OPERATORS[test.op]} ${literal(test.value)}`;
}

const clause = (clause: Clause): string =>
	'any' in clause ? `(${clause.any.map(expression).join(' || ')})` : expression(clause);

export const engine = library(
	(clauses) => clauses.map(clause).join(' && '),
	(rules) => {
		const environment = new Environment({ unlistedVariablesAreDyn: true });
		return each(rules.map((rule) => environment.parse(rule)));
	},
);
