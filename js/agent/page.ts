/** What a page is, for tag.js and agent.js alike. */

/** The properties of a `page_view`. */
export const pageProps = (referrer: string): Record<string, unknown> => ({
	page_location: location.href,
	page_path: location.pathname,
	page_title: document.title,
	page_referrer: referrer,
});
