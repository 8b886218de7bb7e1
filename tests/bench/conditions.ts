/** Tests as closures: what somebody who writes rules by hand in JavaScript would write. */
import type { Attributes, Properties } from './contender.ts';
import type { Clause, Test } from './rules.ts';

export type Roots = Attributes & { event?: Properties };
export type Condition = (roots: Roots) => boolean;

type Bag = { readonly [root: string]: { readonly [name: string]: unknown } };

function test(test: Test): Condition {
	const { op, value } = test;
	if (op === 'has') return (roots) => roots.segments.includes(value as string);
	const [root, name] = test.path.split('.') as [string, string];
	switch (op) {
		case 'eq':
			return (roots) => (roots as unknown as Bag)[root]![name] === value;
		case 'ne':
			return (roots) => (roots as unknown as Bag)[root]![name] !== value;
		case 'gte':
			return (roots) => ((roots as unknown as Bag)[root]![name] as number) >= (value as number);
		case 'lt':
			return (roots) => ((roots as unknown as Bag)[root]![name] as number) < (value as number);
		case 'in':
			return (roots) => (value as readonly unknown[]).includes((roots as unknown as Bag)[root]![name]);
	}
}

function anyOf(tests: readonly Test[]): Condition {
	const [a, b] = tests.map(test) as [Condition, Condition];
	return (roots) => a(roots) || b(roots);
}

/** All clauses must hold; the usual lengths are written out, which spares a loop. */
export function all(clauses: readonly Clause[]): Condition {
	const parts = clauses.map((clause) => ('any' in clause ? anyOf(clause.any) : test(clause)));
	const [a, b, c, d] = parts as [Condition, Condition, Condition, Condition];
	switch (parts.length) {
		case 1:
			return a;
		case 2:
			return (roots) => a(roots) && b(roots);
		case 3:
			return (roots) => a(roots) && b(roots) && c(roots);
		case 4:
			return (roots) => a(roots) && b(roots) && c(roots) && d(roots);
		default:
			return (roots) => parts.every((part) => part(roots));
	}
}
