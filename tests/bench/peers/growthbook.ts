/** GrowthBook's condition evaluator, without the rest of its SDK. */
import { evalCondition } from '@growthbook/growthbook';
import { each, library } from '../history.ts';
import { mongo } from './mongo.ts';

export const engine = library(mongo, (rules) =>
	each(rules.map((rule) => (context) => evalCondition(context, rule, {}))),
);
