/** The administration interface as a command uses it: a bearer token and JSON. The document is docs/http.md. */

export interface Answer {
	readonly status: number;
	// What an answer holds is what the test is about; it looks and asserts.
	readonly body: any;
}

export class Admin {
	readonly #url: string;
	readonly #token: string;

	constructor(url: string, token: string) {
		this.#url = url;
		this.#token = token;
	}

	/** Any request under `/noren/v1/admin/`; answers of every status are returned. */
	async request(method: string, path: string, body?: unknown): Promise<Answer> {
		const response = await fetch(`${this.#url}/noren/v1/admin/${path}`, {
			method,
			headers: { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' },
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
	}

	/** A request that must succeed. */
	async ok(method: string, path: string, body?: unknown): Promise<Answer['body']> {
		const answer = await this.request(method, path, body);
		if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
		return answer.body;
	}

	/** Publishes campaign documents; with `replace` they become the whole set. */
	publish(campaigns: readonly unknown[], options: { readonly replace?: boolean; readonly site?: string } = {}) {
		const { replace = true, site = 'demo' } = options;
		return this.ok('PUT', `sites/${site}/campaigns`, { campaigns, replace, note: 'test' });
	}

	/** Creates or fills a coupon pool. */
	pool(name: string, body: unknown, site = 'demo') {
		return this.ok('POST', `sites/${site}/pools/${name}`, body);
	}

	/** The site's counted totals, one row a campaign, variant, arm and phase. */
	async numbers(site = 'demo'): Promise<readonly Readonly<Record<string, string | number>>[]> {
		return (await this.ok('GET', `sites/${site}/numbers`)).campaigns;
	}

	/** A WebSocket of the administration interface, open. Messages that came since then wait in `messages`. */
	async socket(path: string): Promise<{ socket: WebSocket; messages: readonly Answer['body'][] }> {
		const options = { headers: { Authorization: `Bearer ${this.#token}` } };
		// Node's WebSocket takes headers; the type of the browser's does not know them.
		const socket = new WebSocket(
			`${this.#url.replace('http', 'ws')}/noren/v1/admin/${path}`,
			options as unknown as string[],
		);
		const messages: Answer['body'][] = [];
		socket.addEventListener('message', (event) => messages.push(JSON.parse(String(event.data))));
		await new Promise<void>((resolve, reject) => {
			socket.addEventListener('open', () => resolve(), { once: true });
			socket.addEventListener('error', () => reject(new Error(`${path}: no socket`)), { once: true });
		});
		return { socket, messages };
	}
}
