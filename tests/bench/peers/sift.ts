/** sift: MongoDB's queries as predicates. */
import sift from 'sift';
import { each, library } from '../history.ts';
import { mongo } from './mongo.ts';

export const engine = library(mongo, (rules) => each(rules.map((rule) => sift(rule))));
