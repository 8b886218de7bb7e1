/** A customer's web site of a test's own making, on another origin than the edge: pages with their own headers and content. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SitePage {
	/** The whole document; `EDGE` in it becomes the edge's address. */
	readonly html: string;
	readonly headers?: Readonly<Record<string, string>>;
}

export interface CustomerSite {
	/** Origin, without a slash at its end. */
	readonly url: string;
	close(): Promise<void>;
}

/** Serves `pages` by path on a free loopback port. The tag is `<script async src="EDGE/tag.js" data-site="demo"></script>`. */
export async function customerSite(edge: string, pages: Readonly<Record<string, SitePage>>): Promise<CustomerSite> {
	const server = createServer((request, response) => {
		const page = pages[new URL(request.url ?? '/', 'http://site').pathname];
		if (page === undefined) {
			response.writeHead(404).end();
			return;
		}
		const headers = Object.entries(page.headers ?? {}).map(([name, value]) => [name, value.replaceAll('EDGE', edge)]);
		response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...Object.fromEntries(headers) });
		response.end(page.html.replaceAll('EDGE', edge));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
