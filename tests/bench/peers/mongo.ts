/** A rule as a condition in MongoDB's words, which GrowthBook and sift read. */
import { asked, type Clause } from '../rules.ts';

export function mongo(clauses: readonly Clause[]): object {
	const whole: Record<string, unknown> = {};
	const more: object[] = [];
	for (const clause of clauses) {
		if ('any' in clause) more.push({ $or: clause.any.map((test) => ({ [test.path]: asked(test) })) });
		else if (clause.path in whole) more.push({ [clause.path]: asked(clause) });
		else whole[clause.path] = asked(clause);
	}
	return more.length ? { ...whole, $and: more } : whole;
}
