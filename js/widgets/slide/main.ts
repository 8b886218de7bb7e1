/** A message in a corner of the page; it never takes the focus. */
import { h } from '../../shared/dom.ts';
import type { Mount } from '../../shared/widget.ts';
import { openFrame } from '../common/frame.ts';
import { buttonRow, messageParts, speak } from '../common/message.ts';
import { openOverlay } from '../common/overlay.ts';
import { cornerStyles } from '../common/styles.ts';

export const mount: Mount = (root, content, context) => {
	const spoken = speak(content, context);
	const frame = openFrame(root, content, context, cornerStyles);
	const card = h(
		'div',
		{ class: 'corner' },
		...messageParts(content, context, spoken),
		buttonRow(frame, content.buttons, context),
	);
	openOverlay(frame, card, spoken.name, `${spoken.title} ${spoken.body}`);
	return { close: frame.close, busy: () => false };
};
