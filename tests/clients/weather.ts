/**
 * A stretch of bad network in front of an edge: its first requests are answered as the forecast says, all later ones by the edge itself.
 * `lost` lets the edge do its work and loses the answer. What a browser asks before a request passes without a word.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Forecast = 429 | 500 | 503 | 'lost' | 'fine';

/** A request as it came by. */
export interface Passed {
	readonly path: string;
	/** The status the client saw; `lost` when it saw none. */
	readonly status: number | 'lost';
	readonly retry: string | undefined;
}

export class Weather {
	readonly url: string;
	readonly passed: Passed[] = [];
	readonly #stop: () => Promise<void>;

	private constructor(url: string, stop: () => Promise<void>) {
		this.url = url;
		this.#stop = stop;
	}

	static async start(edge: string, forecast: readonly Forecast[]): Promise<Weather> {
		const coming = [...forecast];
		let weather: Weather | undefined;
		const server = createServer((request, response) => {
			void pass(edge, request, response, request.method === 'POST' ? coming.shift() : undefined).then((status) => {
				if (request.method !== 'POST') return;
				const retry = request.headers['x-retry-count']?.toString();
				weather?.passed.push({ path: request.url ?? '', status, retry });
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const stop = () =>
			new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			});
		weather = new Weather(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop);
		return weather;
	}

	stop(): Promise<void> {
		return this.#stop();
	}
}

async function pass(
	edge: string,
	request: IncomingMessage,
	response: ServerResponse,
	forecast: Forecast | undefined,
): Promise<number | 'lost'> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	if (typeof forecast === 'number') {
		const headers = {
			'Content-Type': 'application/json',
			'Access-Control-Allow-Origin': '*',
			'Access-Control-Expose-Headers': 'Retry-After',
			...(forecast === 429 && { 'Retry-After': '1' }),
		};
		response.writeHead(forecast, headers).end('{"code":"weather","message":"bad"}');
		return forecast;
	}
	const headers = new Headers();
	for (const [name, value] of Object.entries(request.headers)) {
		// Of these the next connection has its own.
		if (!['host', 'connection', 'content-length', 'transfer-encoding', 'expect'].includes(name)) {
			headers.set(name, String(value));
		}
	}
	const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
	const answer = await fetch(`${edge}${request.url}`, { method: request.method ?? 'GET', headers, ...body });
	const bytes = Buffer.from(await answer.arrayBuffer());
	if (forecast === 'lost') {
		response.destroy();
		return 'lost';
	}
	const back = Object.fromEntries(
		[...answer.headers].filter(([name]) => !/^(content-|transfer-|connection)/.test(name) || name === 'content-type'),
	);
	response.writeHead(answer.status, back).end(bytes);
	return answer.status;
}
