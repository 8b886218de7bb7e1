import { safeUrl } from '../../shared/safeUrl.ts';

/** A stretch of a message: plain, or an address that can be followed. */
export interface Part {
	readonly text: string;
	readonly href?: string;
}

/**
 * Finds the `http` and `https` addresses of a message. An address ends at white space, at a Japanese character or bracket (Japanese
 * text runs on without a space) and before the punctuation of the sentence around it.
 */
export function linkParts(text: string): Part[] {
	const parts: Part[] = [];
	let end = 0;
	for (const match of text.matchAll(/https?:\/\/[^\s<>"'「」『』【】()\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]+/gi)) {
		const found = match[0].replace(/[.,;:!?]+$/, '');
		const href = safeUrl(found, 'https://invalid/');
		if (href === undefined) continue;
		if (match.index > end) parts.push({ text: text.slice(end, match.index) });
		parts.push({ text: found, href });
		end = match.index + found.length;
	}
	if (end < text.length) parts.push({ text: text.slice(end) });
	return parts;
}
