/** Regular expressions, as the engine borrows them from the browser. They run over texts that visitors and links write. */

/** Longer texts are not searched, in UTF-16 units: no address or title that means something is. */
const TEXT_MAX = 2048;
/** A search longer than this, twice in a row, is felt; the expression is not used again on this page. */
const SLOW_MS = 5;
/** Answers kept: a page asks the same of the same few texts again and again. */
const ANSWERS_MAX = 512;

/**
 * A search that remembers: 1 found, 0 not found, -1 cannot tell, which passes no condition and its negation neither. That is so where this
 * browser knows no such expression, the text is too long, or the expression once took too long.
 */
export function searcher(): (source: string, fold: number, text: string) => number {
	const expressions = new Map<string, RegExp | null>();
	const answers = new Map<string, number>();
	return (source, fold, text) => {
		const key = fold + source;
		const asked = `${key.length} ${key}${text}`;
		if (expressions.get(key) === null || text.length > TEXT_MAX) return -1;
		let answer = answers.get(asked);
		if (answer === undefined) {
			answer = -1;
			try {
				const expression = expressions.get(key) || new RegExp(source, fold ? 'i' : '');
				const isSlow = (): boolean => {
					const began = performance.now();
					answer = +expression.test(text);
					return performance.now() - began > SLOW_MS;
				};
				expressions.set(key, expression);
				// The browser may have paused for something of its own, so what was slow is searched once more.
				if (isSlow() && isSlow()) answer = -1;
			} catch {
				// No expression of this browser's.
			}
			if (answer < 0) expressions.set(key, null);
			if (answers.size >= ANSWERS_MAX) answers.clear();
			answers.set(asked, answer);
		}
		return answer;
	};
}
