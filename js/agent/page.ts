/** What a page is, for tag.js and agent.js alike. */

/** The properties of a `page_view`. */
export const pageProps = (referrer: string): Record<string, unknown> => ({
	page_location: location.href,
	page_path: location.pathname,
	page_title: document.title,
	page_referrer: referrer,
});

/** Query parameters read from one address, as natively. */
const QUERY_MAX = 64;

/** What `page.*` reads in conditions, from the properties of a `page_view`; natively `noren_engine::page` says the same. */
export function pageAttributes(props: Record<string, unknown>): Record<string, unknown> {
	const text = (name: string): string =>
		typeof props['page_' + name] === 'string' ? (props['page_' + name] as string) : '';
	const url = text('location');
	const bare = url.replace(/^.*?:\/\/[^/]*/s, '').replace(/[?#].*/s, '');
	const query = /^[^#?]*\?([^#]*)/.exec(url)?.[1];
	return {
		...Object.fromEntries(Object.entries(props).filter(([name]) => !name.startsWith('page_'))),
		url,
		path: text('path') || bare || (url.includes('://') ? '/' : ''),
		title: text('title'),
		referrer: text('referrer'),
		// Of a repeated name the first stands.
		query: Object.fromEntries([...new URLSearchParams(query)].slice(0, QUERY_MAX).reverse()),
	};
}
