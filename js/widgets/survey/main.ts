/**
 * Questions, one after the other: a card in the corner, a modal, or a small tab at the edge of the screen that opens the card.
 *
 *     [tab <-->] question --next--> question ... --> thanks
 *
 * Each answer goes to the edge when the visitor goes on, so a survey that is left half-way keeps what was said; where it stood survives
 * a page load, and the next time it begins at the question that was left.
 */
import { h } from '../../shared/dom.ts';
import type { Mount } from '../../shared/widget.ts';
import { isComposingKey } from '../common/composition.ts';
import { openFrame, type Frame } from '../common/frame.ts';
import { BODY_ID, messageParts, speak } from '../common/message.ts';
import { openModal } from '../common/modal.ts';
import { openOverlay } from '../common/overlay.ts';
import { cornerStyles, modalStyles } from '../common/styles.ts';
import { surveyWords, wordsIn } from '../common/words.ts';
import { loadProgress, nextOf, storeProgress } from './flow.ts';
import { drawQuestion, type Drawn } from './question.ts';
import { surveyStyles } from './styles.ts';

export const mount: Mount = (root, content, context) => {
	const survey = content.survey ?? { id: '', questions: [] };
	const first = survey.questions[0];
	if (!first) throw new Error('no questions');
	const words = wordsIn(surveyWords, context.language);
	const spoken = speak(content, context);
	const ask = context.text(first.ask);
	const name = spoken.title || ask;
	const inTab = content.position === 'tab';
	const modal = content.position === 'center';
	const frame = openFrame(root, content, context, (modal ? modalStyles : cornerStyles) + surveyStyles);
	const { signal } = frame;

	const key = `s.${survey.id}`;
	let { path, said } = loadProgress(survey, context.memory(key));
	let begun = Object.keys(said).length > 0;
	let drawn: Drawn | undefined;

	const parts = messageParts(content, context, spoken);
	const body = h('div', { class: 'steps' });
	const card = h('div', modal ? {} : { class: 'corner' }, ...parts, body);
	const keep = (): void => void context.memory(key, storeProgress({ path, said }));

	/** The question that the path ends with. `moved` by the visitor, who then wants to hear it. */
	const show = (moved: boolean): void => {
		const at = path[path.length - 1] ?? 0;
		const question = survey.questions[at] ?? first;
		drawn = drawQuestion(question, context, words, said[question.name], signal);
		const last = question.next === undefined && at === survey.questions.length - 1;
		const form = h('form', { novalidate: '' }, drawn.element);
		const back = h('button', { class: 'b2', type: 'button' }, words.back);
		const acts = h('div', { class: 'acts' }, path.length > 1 && back);
		acts.append(h('button', { class: 'b1', type: 'submit' }, last ? words.send : words.next));
		form.append(acts);
		back.addEventListener(
			'click',
			() => {
				path = path.slice(0, -1);
				keep();
				show(true);
			},
			{ signal },
		);
		form.addEventListener(
			'submit',
			(event) => {
				event.preventDefault();
				const answer = drawn?.answer();
				if (answer === undefined && question.required) {
					drawn?.complain(words.needed);
					drawn?.focus();
					return;
				}
				if (answer !== undefined) {
					if (!begun) context.clicked('answer');
					begun = true;
					context.answered(question.name, answer);
				}
				said = { ...said, [question.name]: answer };
				const next = nextOf(survey, at, answer);
				if (next === undefined) return thank();
				path = [...path, next];
				keep();
				show(true);
			},
			{ signal },
		);
		body.replaceChildren(form);
		if (moved) drawn.heading.focus({ preventScroll: true });
		card.scrollTop = 0;
	};

	const thank = (): void => {
		drawn = undefined;
		context.memory(key, '');
		const thanks = h('p', { class: 'thanks', tabindex: '-1' }, context.text(content.thanks) || words.thanks);
		const done = h('button', { class: 'b1', type: 'button' }, words.done);
		done.addEventListener('click', () => frame.close('button'), { signal });
		body.replaceChildren(thanks, h('div', { class: 'acts' }, done));
		// The words that led into it have been read.
		for (const part of parts) if (part instanceof HTMLElement) part.remove();
		thanks.focus({ preventScroll: true });
	};

	if (inTab)
		openTab(frame, context.text(content.tab) || words.tab, words.hide, card, name, () => {
			context.clicked('tab');
			show(true);
		});
	else {
		show(false);
		if (modal) openModal(frame, card, name, spoken.body && BODY_ID);
		else openOverlay(frame, card, name, `${spoken.title} ${spoken.body} ${spoken.title ? '' : ask}`);
	}

	return {
		close: frame.close,
		// Words half written, or a mark half given, must not vanish under the visitor's hand.
		busy: () => begun || drawn?.answer() !== undefined || body.contains(root.activeElement),
	};
};

/**
 * A tab at the edge that opens `card` and, by the card's cross or Escape, stands there again with the focus on it. Its own cross takes it
 * away. It announces nothing: it has nothing to say before it is asked.
 */
function openTab(frame: Frame, label: string, hide: string, card: HTMLElement, name: string, opened: () => void): void {
	const { signal } = frame;
	const opener = h('button', { class: 'b1', type: 'button', 'aria-expanded': 'false' }, label);
	const tab = h('div', { class: 'tab' }, opener);
	openOverlay(frame, tab, label, '');
	tab.querySelector('.x')?.setAttribute('aria-label', hide);
	tab.append(...tab.querySelectorAll('.x'));

	card.classList.add('card');
	card.setAttribute('role', 'region');
	card.setAttribute('aria-label', name);
	card.hidden = true;
	const cross = frame.closeButton(() => fold());
	card.prepend(cross);
	frame.wrapper.append(card);
	const fold = (): void => {
		card.hidden = true;
		tab.hidden = false;
		opener.focus({ preventScroll: true });
	};
	card.addEventListener(
		'keydown',
		(event) => {
			if (event.key === 'Escape' && !isComposingKey(event)) fold();
		},
		{ signal },
	);
	opener.addEventListener(
		'click',
		() => {
			tab.hidden = true;
			card.hidden = false;
			opened();
		},
		{ signal },
	);
}
