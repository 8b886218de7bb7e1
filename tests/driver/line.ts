/**
 * The line between one visitor's browser and the network, for engines whose drivers see little of it: an HTTP proxy on loopback that
 * keeps a record of every request and can slow, refuse or cut them. It speaks plain http and the web sockets that begin there, which is all
 * that tests have. What a browser answers from its own cache never comes by.
 */
import { createServer, request as ask } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Network, SeenRequest } from './driver.ts';

/** What is between two tabs' demands: those of all open tabs hold for the visitor. */
interface Demand {
	network: Network;
	blocked: readonly RegExp[];
}

export class Line {
	/** Every request of the visitor, in the order in which they arrived. */
	readonly requests: SeenRequest[] = [];
	readonly #demands = new Map<object, Demand>();
	readonly #sockets = new Set<Duplex>();
	readonly #server = createServer((request, response) => void this.#pass(request, response));

	static async open(): Promise<Line> {
		const line = new Line();
		line.#server.on('connection', (socket) => line.#keep(socket));
		line.#server.on('upgrade', (request, socket) => void line.#passSocket(request, socket));
		// What a page asks by `CONNECT` are web sockets of engines that tunnel them; everything else comes as plain requests.
		line.#server.on('connect', (request, socket) => void line.#tunnel(request, socket));
		await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
		return line;
	}

	/** `127.0.0.1:PORT`, for a browser's settings. */
	get address(): string {
		return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** From now on for `tab`, as long as it does not say otherwise or `forget` is called. */
	setNetwork(tab: object, network: Network): void {
		this.#demand(tab).network = network;
	}

	/** Addresses that match one of the patterns (`*` stands for anything) fail. */
	block(tab: object, patterns: readonly string[]): void {
		const escaped = patterns.map((pattern) => pattern.replace(/[.?+()[\]\\^$|{}]/g, '\\$&').replaceAll('*', '.*'));
		this.#demand(tab).blocked = escaped.map((pattern) => new RegExp(`^${pattern}$`));
	}

	forget(tab: object): void {
		this.#demands.delete(tab);
	}

	/** For the next visitor: no memory, no demands. */
	reset(): void {
		this.requests.length = 0;
		this.#demands.clear();
	}

	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		await new Promise<void>((resolve) => this.#server.close(() => resolve()));
	}

	#demand(tab: object): Demand {
		let demand = this.#demands.get(tab);
		if (demand === undefined) this.#demands.set(tab, (demand = { network: {}, blocked: [] }));
		return demand;
	}

	#keep(socket: Duplex): void {
		this.#sockets.add(socket);
		// A browser or a server that hangs up is what tests are about; the other half of the pair is cut where it is told.
		socket.on('error', () => socket.destroy());
		socket.on('close', () => this.#sockets.delete(socket));
	}

	/** Waits as the line wants; why it refuses, or nothing. */
	async #toll(url: string): Promise<string | undefined> {
		const refused = () => {
			const demands = [...this.#demands.values()];
			if (demands.some(({ network }) => network.offline)) return 'offline';
			return demands.some(({ blocked }) => blocked.some((pattern) => pattern.test(url))) ? 'blocked' : undefined;
		};
		const latencyMs = Math.max(0, ...[...this.#demands.values()].map(({ network }) => network.latencyMs ?? 0));
		const refusal = refused();
		if (refusal !== undefined || latencyMs === 0) return refusal;
		await new Promise((resolve) => setTimeout(resolve, latencyMs));
		return undefined;
	}

	async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const url = request.url ?? '';
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		// Not all of the body means that the browser gave up: nothing is passed on, as on a real line nothing whole would arrive.
		const whole = await new Promise<boolean>((resolve) => {
			request.on('end', () => resolve(true));
			request.on('close', () => resolve(request.complete));
		});
		const body = Buffer.concat(chunks);
		const seen: SeenRequest = {
			method: request.method ?? 'GET',
			url,
			body: body.length === 0 ? undefined : body.toString('utf8'),
		};
		this.requests.push(seen);
		const fail = (why: string) => {
			seen.failure = why;
			// A cut connection would be tried again, in Firefox ten times; a way to nowhere is a failure at once, and of every kind of request.
			response.writeHead(302, { Location: 'nowhere:', Connection: 'close' }).end();
		};
		const refusal = whole ? await this.#toll(url) : 'given up';
		if (refusal !== undefined) return fail(refusal);
		const { 'proxy-connection': _, ...headers } = request.headers;
		const onward = ask(url, { method: seen.method, headers, agent: false });
		onward.on('response', (answer) => {
			seen.status = answer.statusCode ?? 0;
			response.writeHead(seen.status, answer.rawHeaders);
			answer.pipe(response);
			answer.on('error', () => response.destroy());
		});
		onward.on('error', (error) => fail(String(error)));
		onward.end(body);
	}

	async #passSocket(request: IncomingMessage, socket: Duplex): Promise<void> {
		this.#keep(socket);
		const { protocol, hostname, port, pathname, search } = new URL(request.url ?? '', 'ws://nowhere');
		if (protocol !== 'ws:' && protocol !== 'http:') return void socket.destroy();
		const { rawHeaders: raw } = request;
		const lines = raw.flatMap((name, index) =>
			index % 2 === 0 && name.toLowerCase() !== 'proxy-connection' ? [`${name}: ${raw[index + 1] ?? ''}`] : [],
		);
		await this.#join(request.url ?? '', hostname, Number(port || 80), socket, (onward) =>
			onward.write(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`),
		);
	}

	async #tunnel(request: IncomingMessage, socket: Duplex): Promise<void> {
		this.#keep(socket);
		const [host = '', port = ''] = (request.url ?? '').split(':');
		// Nothing of a browser's own business (updates, safe browsing) leaves the machine by this line.
		if (host !== '127.0.0.1' && host !== 'localhost') return void socket.destroy();
		await this.#join(`ws://${request.url}/`, host, Number(port), socket, () =>
			socket.write('HTTP/1.1 200 Connection established\r\n\r\n'),
		);
	}

	/** Connects both ends for good; `begin` says the first words. */
	async #join(url: string, host: string, port: number, socket: Duplex, begin: (onward: Socket) => void): Promise<void> {
		if ((await this.#toll(url)) !== undefined) return void socket.destroy();
		const onward = connect(port, host);
		this.#keep(onward);
		onward.once('connect', () => {
			begin(onward);
			onward.pipe(socket);
			socket.pipe(onward);
		});
		onward.once('close', () => socket.destroy());
		socket.once('close', () => onward.destroy());
	}
}
