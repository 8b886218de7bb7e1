import { h } from '../../shared/dom.ts';
import type { Answer, Question, WidgetContext } from '../../shared/widget.ts';
import { fill, type surveyWords } from '../common/words.ts';
import { scaleOf } from './flow.ts';

/** Characters of a free text: more than most people write, and little beside what a device keeps for the edge. */
const TEXT_MAX = 1000;

/** A question as it stands before the visitor: native controls, so that names, roles, states and keys are the browser's own. */
export interface Drawn {
	readonly element: HTMLElement;
	/** Where the focus goes when the question comes. */
	readonly heading: HTMLElement;
	answer(): Answer;
	/** Puts the focus on the first control. */
	focus(): void;
	/** Says what is wrong, or nothing any more. */
	complain(words: string): void;
}

/** Draws `question` with what was said before. The shadow tree holds one at a time, so ids need not differ. */
export function drawQuestion(
	question: Question,
	context: WidgetContext,
	words: (typeof surveyWords)['en'],
	said: Answer,
	signal: AbortSignal,
): Drawn {
	const heading = h('legend', { id: 'ask', tabindex: '-1' }, context.text(question.ask));
	const error = h('p', { id: 'err', class: 'err', role: 'alert' });
	const scale = scaleOf(question);
	const [controls, answer] = scale
		? drawScale(question, scale, context, words, said, signal)
		: question.type === 'choice'
			? drawChoice(question, context, said)
			: drawText(said);
	const element = h('fieldset', { 'aria-describedby': 'err' }, heading, ...controls, error);
	return {
		element,
		heading,
		answer,
		focus: () => element.querySelector<HTMLElement>('input:checked,input,textarea')?.focus({ preventScroll: true }),
		complain: (text) => error.replaceChildren(text),
	};
}

type Controls = readonly [elements: readonly HTMLElement[], answer: () => Answer];

function drawScale(
	question: Question,
	[low, high]: readonly [number, number],
	context: WidgetContext,
	words: (typeof surveyWords)['en'],
	said: Answer,
	signal: AbortSignal,
): Controls {
	const { type } = question;
	const stars = type === 'stars';
	const ends = [context.text(question.low), context.text(question.high)].map(
		(text, end) => text || (stars ? '' : words[type as 'nps'][end as 0 | 1]),
	);
	const row = h('div', { class: `pts ${type}` });
	const marks: HTMLElement[] = [];
	const inputs: HTMLInputElement[] = [];
	for (let value = low; value <= high; value++) {
		const end = value === low ? ends[0] : value === high ? ends[1] : '';
		const name = stars ? fill(value === 1 ? words.star : words.stars, String(value)) : String(value);
		const input = h('input', {
			type: 'radio',
			name: 'v',
			value: String(value),
			'aria-label': end ? `${name}, ${end}` : name,
		});
		input.checked = said === value;
		const mark = h('span', { 'aria-hidden': 'true' }, String(value));
		inputs.push(input);
		marks.push(mark);
		row.append(h('label', {}, input, mark));
	}
	const answer = (): Answer => {
		const chosen = inputs.find(({ checked }) => checked);
		return chosen && Number(chosen.value);
	};
	const shine = (): void =>
		marks.forEach((mark, i) => (mark.textContent = low + i <= Number(answer() ?? 0) ? '★' : '☆'));
	if (stars) {
		row.addEventListener('change', shine, { signal });
		shine();
	}
	const legend =
		ends.some(Boolean) && h('div', { class: 'ends', 'aria-hidden': 'true' }, ...ends.map((end) => h('span', {}, end)));
	return [legend ? [row, legend] : [row], answer];
}

function drawChoice({ options = [], many }: Question, context: WidgetContext, said: Answer): Controls {
	const inputs = options.map(({ value }) => {
		const input = h('input', { type: many ? 'checkbox' : 'radio', name: 'v', value });
		input.checked = said === value || (Array.isArray(said) && said.includes(value));
		return input;
	});
	const rows = inputs.map((input, i) =>
		h('label', { class: 'opt' }, input, h('span', {}, context.text(options[i]?.label))),
	);
	const answer = (): Answer => {
		const chosen = inputs.filter(({ checked }) => checked).map(({ value }) => value);
		return chosen.length ? (many ? chosen : chosen[0]) : undefined;
	};
	return [rows, answer];
}

function drawText(said: Answer): Controls {
	const field = h('textarea', { rows: '3', maxlength: String(TEXT_MAX), 'aria-labelledby': 'ask' });
	field.value = typeof said === 'string' ? said : '';
	return [[field], () => field.value.trim() || undefined];
}
