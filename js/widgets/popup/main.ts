/** A message in a modal dialog. */
import { h } from '../../shared/dom.ts';
import type { Mount } from '../../shared/widget.ts';
import { openFrame } from '../common/frame.ts';
import { BODY_ID, buttonRow, messageParts, speak } from '../common/message.ts';
import { openModal } from '../common/modal.ts';
import { modalStyles } from '../common/styles.ts';

export const mount: Mount = (root, content, context) => {
	const spoken = speak(content, context);
	const frame = openFrame(root, content, context, modalStyles);
	const card = h('div', {}, ...messageParts(content, context, spoken), buttonRow(frame, content.buttons, context));
	openModal(frame, card, spoken.name, spoken.body && BODY_ID);
	return { close: frame.close, busy: () => false };
};
