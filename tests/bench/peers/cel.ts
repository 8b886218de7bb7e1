/** Common Expression Language: each rule an expression, parsed once. */
import { Environment } from '@marcbachmann/cel-js';
import { conjunction, type Words } from '../expression.ts';
import { each, library } from '../history.ts';

const WORDS: Words = {
	and: '&&',
	or: '||',
	// Numbers are doubles, as JavaScript's are.
	literal: (value) =>
		typeof value === 'number' ? (Number.isInteger(value) ? `${value}.0` : String(value)) : JSON.stringify(value),
};

export const engine = library(
	(clauses) => conjunction(clauses, WORDS),
	(rules) => {
		const environment = new Environment({ unlistedVariablesAreDyn: true });
		return each(rules.map((rule) => environment.parse(rule)));
	},
);
