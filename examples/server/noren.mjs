/**
 * A shop's own server and Noren: redeem a coupon, read the numbers. Plain Node, no dependency; copy what you need.
 *
 * The token may do everything the console may. It belongs into the server's secrets and never into a page.
 */

export class NorenError extends Error {
	/** Stable; the list is in docs/http.md. `offline` where no answer came. */
	code;

	constructor(code, message) {
		super(message);
		this.name = 'NorenError';
		this.code = code;
	}
}

export class Noren {
	#address;
	#token;

	/**
	 * @param {string} edge where Noren is served, such as https://noren.example.com
	 * @param {string} site the site's key
	 * @param {string} token
	 */
	constructor(edge, site, token) {
		this.#address = `${edge.replace(/\/+$/, '')}/noren/v1/admin/sites/${encodeURIComponent(site)}`;
		this.#token = token;
	}

	/**
	 * Uses a coupon for an order, when the order is certain: after the payment, before the confirmation. A code is used once; asking
	 * again for the same order is answered the same, so a repetition after a lost answer does no harm.
	 *
	 * @param {string} code as the customer typed it
	 * @param {string} order your order's number
	 * @param {number} total before the discount, in the currency of the terms
	 * @returns {Promise<{ok: true, terms: object} | {ok: false, code: string}>} `coupon_unknown`, `coupon_used`, `coupon_expired`, `minimum`
	 */
	redeem(code, order, total) {
		return this.#ask('POST', '/redeem', { code: code.trim(), order, total });
	}

	/**
	 * Counted totals, one row a campaign, phase, variant and arm, each with its rate and its lift over control.
	 *
	 * @param {{from?: number, until?: number}} [span] Unix milliseconds, `[from, until)`
	 */
	async numbers({ from, until } = {}) {
		const query = new URLSearchParams();
		if (from !== undefined) query.set('from', String(from));
		if (until !== undefined) query.set('until', String(until));
		return (await this.#ask('GET', `/numbers?${query}`)).campaigns;
	}

	async #ask(method, path, body) {
		let response;
		let text;
		try {
			response = await fetch(this.#address + path, {
				method,
				headers: { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' },
				// A checkout does not wait for ever.
				signal: AbortSignal.timeout(5_000),
				...(body !== undefined && { body: JSON.stringify(body) }),
			});
			text = await response.text();
		} catch (cause) {
			throw new NorenError('offline', `Noren could not be reached: ${cause.message}`);
		}
		let answer;
		try {
			answer = JSON.parse(text);
		} catch {
			throw new NorenError('unexpected', `Noren answered ${response.status} without JSON`);
		}
		if (!response.ok) throw new NorenError(answer.code, answer.message);
		return answer;
	}
}
