/** Audiences in the words of expression languages, which write comparisons as JavaScript does and differ in few words. */
import type { Clause, Scalar, Test } from './rules.ts';

const OPERATORS = { eq: '==', ne: '!=', gte: '>=', lt: '<' } as const;

export interface Words {
	readonly and: string;
	readonly or: string;
	readonly literal: (value: Scalar) => string;
}

/** All clauses hold. */
export function conjunction(clauses: readonly Clause[], { and, or, literal }: Words): string {
	const test = (test: Test): string => {
		const [root, name] = test.path.split('.') as [string, string];
		const path = root === 'counts' ? `counts[${name}]` : test.path;
		if (test.op === 'in') return `${path} in [${test.value.map(literal).join(', ')}]`;
		if (test.op === 'has') return `${literal(test.value)} in ${path}`;
		return `${path} ${OPERATORS[test.op]} ${literal(test.value)}`;
	};
	const clause = (clause: Clause): string =>
		'any' in clause ? `(${clause.any.map(test).join(` ${or} `)})` : test(clause);
	return clauses.map(clause).join(` ${and} `);
}
