/** A strip along the top or the bottom of the screen. It lies over the page and moves nothing in it. */
import { h } from '../../shared/dom.ts';
import type { Mount } from '../../shared/widget.ts';
import { openFrame } from '../common/frame.ts';
import { buttonRow, messageParts, speak } from '../common/message.ts';
import { openOverlay } from '../common/overlay.ts';
import { barStyles } from '../common/styles.ts';

export const mount: Mount = (root, content, context) => {
	const spoken = speak(content, context);
	const frame = openFrame(root, content, context, barStyles);
	const [title, body, image] = messageParts(content, context, spoken);
	const card = h(
		'div',
		{ class: `bar ${content.position === 'bottom' ? 'bottom' : 'top'}` },
		image,
		h('div', { class: 'say' }, h('div', { class: 'words' }, title, body), buttonRow(frame, content.buttons, context)),
	);
	openOverlay(frame, card, spoken.name, `${spoken.title} ${spoken.body}`);
	return { close: frame.close, busy: () => false };
};
