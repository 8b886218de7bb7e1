/**
 * An invitation to chat, and the chat itself.
 *
 *     invitation --start--> panel <--> launcher (minimised, counts what is unseen)
 *
 * Escape in a panel minimises it when the conversation has begun, so that no answer is lost by it, and closes it otherwise. Where it
 * stood survives a page load under the name `chat` in the widget's memory.
 */
import { h } from '../../shared/dom.ts';
import type { CloseReason, Mount } from '../../shared/widget.ts';
import { isComposingKey } from '../common/composition.ts';
import { openFrame } from '../common/frame.ts';
import { buttonRow, messageParts, speak } from '../common/message.ts';
import { openOverlay } from '../common/overlay.ts';
import { cornerStyles } from '../common/styles.ts';
import { chatWords, fill, wordsIn } from '../common/words.ts';
import { createPanel, type Panel } from './panel.ts';
import { chatStyles } from './styles.ts';

/** Whether panel or launcher stood when the page was left. */
const STAGE = 'chat';

export const mount: Mount = (root, content, context) => {
	const words = wordsIn(chatWords, context.language);
	const spoken = speak(content, context);
	const frame = openFrame(root, content, context, cornerStyles + chatStyles, (reason: CloseReason) => {
		panel?.leave();
		// Closed by the visitor it stays away; taken away by the agent it may come back as it was.
		if (reason !== 'retracted' && reason !== 'shutdown') context.memory(STAGE, '');
	});
	let panel: Panel | undefined;

	const count = h('span', { class: 'count', hidden: '' });
	const launcher = h('button', { class: 'b1 launch', type: 'button', hidden: '' }, count);
	const status = h('div', { class: 'sr', role: 'status' });
	const arrived = (unseen: number, from: string): void => {
		count.hidden = !unseen;
		count.textContent = String(unseen);
		const label = unseen ? `${words.open}, ${fill(words.unread, String(unseen))}` : words.open;
		launcher.setAttribute('aria-label', label);
		status.textContent = unseen && !launcher.hidden ? fill(words.arrived, from) : '';
	};

	const minimise = (takeFocus: boolean): void => {
		panel?.hide();
		launcher.hidden = false;
		context.memory(STAGE, 'minimised');
		if (takeFocus) launcher.focus({ preventScroll: true });
	};
	const open = (takeFocus: boolean): void => {
		invitation?.remove();
		launcher.hidden = true;
		context.memory(STAGE, 'open');
		if (!panel) {
			const minimiser = h('button', { class: 'x min', type: 'button', 'aria-label': words.minimise });
			minimiser.addEventListener('click', () => minimise(true), { signal: frame.signal });
			panel = createPanel(frame, context, context.text(content.title) || words.title, minimiser, arrived);
			panel.element.addEventListener(
				'keydown',
				(event) => {
					if (event.key !== 'Escape' || isComposingKey(event)) return;
					if (panel?.underWay()) minimise(true);
					else frame.close('escape');
				},
				{ signal: frame.signal },
			);
			frame.wrapper.append(panel.element, launcher, status);
		}
		panel.show(takeFocus);
	};
	launcher.addEventListener('click', () => open(true), { signal: frame.signal });
	arrived(0, '');

	const stage = context.memory(STAGE);
	let invitation: HTMLElement | undefined;
	if (context.asked || stage) {
		open(context.asked === true);
		if (stage === 'minimised' && !context.asked) minimise(false);
	} else {
		const chat = { label: words.start, action: 'chat' } as const;
		const buttons = content.buttons ?? [];
		invitation = h(
			'div',
			{ class: 'corner' },
			...messageParts(content, context, spoken),
			buttonRow(frame, buttons.some(({ action }) => action === 'chat') ? buttons : [chat, ...buttons], context, () =>
				open(true),
			),
		);
		openOverlay(frame, invitation, spoken.name, `${spoken.title} ${spoken.body}`);
	}

	return { close: frame.close, busy: () => panel?.writing() === true || panel?.underWay() === true };
};
