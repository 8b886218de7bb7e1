/**
 * Where a marketer's link or picture may lead: `http`, `https`, or anything relative to the page (`/sale`, `?q=tea`, `#top`).
 *
 * Returns the absolute address, or `undefined` when it is none of these: `javascript:`, `data:`, `mailto:` and the like, also when they
 * hide behind white space or control characters, because the same parser judges the address that would later follow it.
 */
export function safeUrl(url: string | undefined, base: string): string | undefined {
	if (!url) return undefined;
	try {
		const parsed = new URL(url, base);
		return /^https?:$/.test(parsed.protocol) ? parsed.href : undefined;
	} catch {
		return undefined;
	}
}
