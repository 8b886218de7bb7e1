/** json-logic-js, which interprets. */
import logic from 'json-logic-js';
import { each, library } from '../history.ts';
import { jsonLogic } from './jsonLogic.ts';

export const engine = library(jsonLogic, (rules) => each(rules.map((rule) => (context) => logic.apply(rule, context))));
