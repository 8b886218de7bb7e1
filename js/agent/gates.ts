/** The words of gates, each at the number by which the engine names it; a test of crates/agent holds both together. */
export const GATES =
	'schedule consent audience caps priority surface cancel republished holdout exclusive unknown'.split(' ');
