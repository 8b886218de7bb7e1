/** json-logic-engine, which compiles a rule to a function. */
import { LogicEngine } from 'json-logic-engine';
import { each, library } from '../history.ts';
import { jsonLogic } from './jsonLogic.ts';

export const engine = library(jsonLogic, (rules) => {
	const logic = new LogicEngine();
	return each(rules.map((rule) => logic.build(rule)));
});
