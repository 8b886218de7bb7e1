/** json-rules-engine: rules over facts, each run a promise. What is asked first has the higher priority, so that the rest can be spared. */
import { Engine } from 'json-rules-engine';
import { library } from '../history.ts';
import type { Clause, Test } from '../rules.ts';

const OPERATORS = {
	eq: 'equal',
	ne: 'notEqual',
	gte: 'greaterThanInclusive',
	lt: 'lessThan',
	in: 'in',
	has: 'contains',
} as const;

function condition(test: Test, priority?: number): object {
	const [fact, path] = test.path.split('.') as [string, string?];
	return {
		fact,
		...(path ? { path } : {}),
		operator: OPERATORS[test.op],
		value: test.value,
		...(priority ? { priority } : {}),
	};
}

const clause = (clause: Clause, place: number): object => {
	const priority = place ? 1 : 2;
	return 'any' in clause ? { any: clause.any.map((test) => condition(test)), priority } : condition(clause, priority);
};

export const engine = library(
	(clauses, _rule, number) => ({
		conditions: { all: clauses.map(clause) },
		event: { type: 'open', params: { number } },
	}),
	(rules) => {
		const engine = new Engine([], { pathResolver: (value: Record<string, unknown>, path: string) => value[path] });
		for (const rule of rules) engine.addRule(rule);
		// A run keeps its facts by name; the objects are the same at every input, what is in them is not.
		return (context) => engine.run({ ...context });
	},
	(result) => {
		const { events } = result as { events: { params: { number: number } }[] };
		return events.map(({ params }) => params.number).sort((a, b) => a - b);
	},
);
