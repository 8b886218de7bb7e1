import type { Answer, Question, Survey } from '../../shared/widget.ts';

/** Where a survey stands: the questions on the way here, the one before the visitor last, and what was said to each. */
export interface Progress {
	/** Places in the list of questions, ascending; never empty. */
	readonly path: readonly number[];
	readonly said: Readonly<Record<string, Answer>>;
}

/** The numbers of a scale, `undefined` for a question that is none. */
export function scaleOf({ type }: Question): readonly [low: number, high: number] | undefined {
	if (type === 'nps') return [0, 10];
	if (type === 'ces') return [1, 7];
	return type === 'csat' || type === 'stars' ? [1, 5] : undefined;
}

/**
 * The place of the question after `at`, `undefined` at the end. The first way that holds is taken; a way with a condition never holds
 * for a question that was passed over. Without one it is the next question. Ways that lead back are passed over, so every survey ends.
 */
export function nextOf({ questions }: Survey, at: number, answer: Answer): number | undefined {
	const holds = (is: string | undefined, least: number | undefined, most: number | undefined): boolean =>
		(is === undefined || answer === is || (Array.isArray(answer) && answer.includes(is))) &&
		(least === undefined || (typeof answer === 'number' && answer >= least)) &&
		(most === undefined || (typeof answer === 'number' && answer <= most));
	for (const { is, at_least, at_most, go } of questions[at]?.next ?? []) {
		if (!holds(is, at_least, at_most)) continue;
		if (go === 'end') return undefined;
		const place = questions.findIndex(({ name }) => name === go);
		if (place > at) return place;
	}
	return at + 1 < questions.length ? at + 1 : undefined;
}

/** As text for the widget's memory. */
export function storeProgress(progress: Progress): string {
	return JSON.stringify([progress.path, progress.said]);
}

/** Reads it back; a survey that was changed meanwhile, or anything that is not understood, begins anew. */
export function loadProgress({ questions }: Survey, stored: string | undefined): Progress {
	const fresh: Progress = { path: [0], said: {} };
	try {
		const [path, said] = JSON.parse(stored || '[]') as [unknown, unknown];
		if (!Array.isArray(path) || !path.length || typeof said !== 'object' || !said) return fresh;
		let before = -1;
		for (const place of path as unknown[]) {
			if (!Number.isInteger(place) || (place as number) <= before || (place as number) >= questions.length)
				return fresh;
			before = place as number;
		}
		return { path: path as number[], said: said as Progress['said'] };
	} catch {
		return fresh;
	}
}
