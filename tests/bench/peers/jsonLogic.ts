/** A rule as JsonLogic has it. */
import type { Clause, Test } from '../rules.ts';

const OPERATORS = { eq: '===', ne: '!==', gte: '>=', lt: '<' } as const;

function logic(test: Test): object {
	const value = { var: test.path };
	if (test.op === 'in') return { in: [value, test.value] };
	if (test.op === 'has') return { in: [test.value, value] };
	return { [OPERATORS[test.op]]: [value, test.value] };
}

export const jsonLogic = (clauses: readonly Clause[]): object => ({
	and: clauses.map((clause) => ('any' in clause ? { or: clause.any.map(logic) } : logic(clause))),
});
