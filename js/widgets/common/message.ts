import { h, type Child } from '../../shared/dom.ts';
import { safeUrl } from '../../shared/safeUrl.ts';
import type { Button, Content, WidgetContext } from '../../shared/widget.ts';
import type { Frame } from './frame.ts';
import { frameWords, wordsIn } from './words.ts';

/** The id of a message's body, which describes a modal. Ids are private to a shadow tree, and a tree holds one message. */
export const BODY_ID = 'body';

/** A campaign's texts in the visitor's language. */
export interface Spoken {
	readonly title: string;
	readonly body: string;
	/** What the widget is called where it has to have a name. */
	readonly name: string;
}

export function speak(content: Content, context: WidgetContext): Spoken {
	const title = context.text(content.title);
	const body = context.text(content.body);
	return { title, body, name: title || body || wordsIn(frameWords, context.language).notice };
}

/** Title, body and picture; the picture's room is reserved by its size before it has loaded. */
export function messageParts(content: Content, context: WidgetContext, { title, body }: Spoken): Child[] {
	return [title && h('h2', {}, title), body && h('p', { id: BODY_ID }, body), picture(content.image, context)];
}

/** A picture, unless its address cannot be followed. */
export function picture(image: Content['image'], context: WidgetContext): Child {
	const src = safeUrl(image?.src, document.baseURI);
	return (
		image &&
		src !== undefined &&
		h('img', {
			src,
			alt: context.text(image.alt),
			width: String(image.width),
			height: String(image.height),
			decoding: 'async',
		})
	);
}

/**
 * The buttons, the first one prominent; `undefined` when there are none. A link whose address is not safe is left out. `chat` is what
 * a chat button does, by default closing this widget and asking the agent for the chat.
 */
export function buttonRow(
	frame: Frame,
	buttons: readonly Button[] | undefined,
	context: WidgetContext,
	chat: () => void = () => {
		frame.close('button');
		context.openChat();
	},
): Child {
	const made = (buttons ?? []).map(({ label, action, url }, index) => {
		const href = safeUrl(url, document.baseURI);
		if (action === 'link' && href === undefined) return undefined;
		const attributes = { class: index ? 'b b2' : 'b b1', href, type: 'button' };
		const element =
			action === 'link' ? h('a', { ...attributes, type: undefined }) : h('button', { ...attributes, href: undefined });
		element.append(context.text(label));
		element.addEventListener(
			'click',
			() => {
				if (action !== 'close') context.clicked(`${action}:${index}`);
				// A link is followed by the browser itself, also into another tab and after it has left the document.
				if (action === 'chat') chat();
				else frame.close(action === 'link' ? 'link' : 'button');
			},
			{ signal: frame.signal },
		);
		return element;
	});
	return made.some(Boolean) && h('div', { class: 'acts' }, ...made);
}
