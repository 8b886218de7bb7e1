/**
 * HTML of the site's own, in a frame that can reach neither page nor visitor: sandboxed without an origin, behind a policy of its own.
 * Nothing of the visitor is put into it. Its links are followed by the page when they are safe, like those of buttons.
 */
import { h } from '../../shared/dom.ts';
import { safeUrl } from '../../shared/safeUrl.ts';
import { pickText, textDirection } from '../../shared/text.ts';
import type { Mount, WidgetHandle } from '../../shared/widget.ts';
import { openFrame } from '../common/frame.ts';
import { speak } from '../common/message.ts';
import { openModal } from '../common/modal.ts';
import { openOverlay } from '../common/overlay.ts';
import { openInSlot, slotStyles } from '../common/slot.ts';
import { cornerStyles, modalStyles } from '../common/styles.ts';
import { frameDocument, heard } from './frame.ts';

const styles = `
iframe{display:block;width:100%;border:0;border-radius:calc(var(--radius)*.6);color-scheme:inherit}
.card.page{padding:48px 1em 1em}
.in.page{padding:0}
.in iframe{flex:1;height:100%}
`;

/** Pages that enforce Trusted Types have to allow this policy; a document for a frame is markup by its nature. */
let policy: { createHTML(html: string): string } | undefined;
function trusted(html: string): string {
	const { trustedTypes } = window as { trustedTypes?: { createPolicy(name: string, rules: object): typeof policy } };
	policy ??= trustedTypes?.createPolicy('noren', { createHTML: (text: string) => text });
	return policy ? policy.createHTML(html) : html;
}

export const mount: Mount = (root, content, context) => {
	const inSlot = content.position === 'slot' && content.slot;
	const { name } = speak(content, context);
	// Before anything stands: where a policy forbids it, the widget fails and leaves no empty frame behind.
	const language = context.language;
	const page = trusted(
		frameDocument(pickText(content.html, language), language, textDirection(language), context.nonce),
	);

	const open = (): WidgetHandle => {
		const css = inSlot ? slotStyles : content.position === 'corner' ? cornerStyles : modalStyles;
		const frame = openFrame(root, content, context, css + styles);
		const inner = h('iframe', { sandbox: 'allow-scripts', title: name, referrerpolicy: 'no-referrer' });
		if (!inSlot) inner.style.height = `${content.height ?? 0}px`;
		inner.srcdoc = page;
		window.addEventListener(
			'message',
			(event) => {
				const said = event.source === inner.contentWindow ? heard(event.data) : undefined;
				if (said?.what === 'height' && !inSlot) inner.style.height = `${said.height}px`;
				if (said?.what === 'close') frame.close('button');
				if (said?.what === 'escape' && !inSlot) frame.close('escape');
				const url = said?.what === 'link' ? safeUrl(said.url, document.baseURI) : undefined;
				if (url === undefined) return;
				context.clicked('link:0');
				frame.close('link');
				location.assign(url);
			},
			{ signal: frame.signal },
		);
		if (inSlot) {
			const card = h('section', { class: 'card in page', 'aria-label': name }, frame.closeButton(), inner);
			frame.wrapper.append(card);
		} else if (content.position === 'corner') openOverlay(frame, h('div', { class: 'corner page' }, inner), name, name);
		else openModal(frame, h('div', { class: 'page' }, inner), name, undefined);
		return { close: frame.close, busy: () => root.activeElement === inner };
	};
	return inSlot ? openInSlot(root, inSlot, context, open) : open();
};
