/**
 * The way between devices and the edge, where whatever a network does happens: requests that never arrive, answers that never come back,
 * requests that arrive twice, at once or much later, and sockets that are cut.
 */
import { Agent, createServer, request as ask } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Random } from '../random.ts';

/** Of a hundred requests, how many meet each fate. The others arrive once and are answered. */
const REQUEST_LOST = 6;
const ANSWER_LOST = 8;
const REPEATED = 6;
const REPEATED_LATER = 6;
const SLOW = 10;

/** A request that comes again comes within this, ms. */
const LATER_MS = 400;
/** A slow answer takes up to this, ms. */
const SLOW_MS = 60;
/** A socket lives at most this, ms. */
const SOCKET_MS = 4_000;

interface Answer {
	readonly status: number;
	readonly type: string;
	readonly body: Buffer;
}

/** What was done to the traffic. */
export interface Harm {
	requestsLost: number;
	answersLost: number;
	repeated: number;
	socketsCut: number;
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function read(message: IncomingMessage): Promise<Buffer> {
	const pieces: Buffer[] = [];
	for await (const piece of message) pieces.push(piece as Buffer);
	return Buffer.concat(pieces);
}

export class Network {
	/** What devices take for the edge's address. */
	readonly url: string;
	readonly harm: Harm = { requestsLost: 0, answersLost: 0, repeated: 0, socketsCut: 0 };
	readonly #close: () => Promise<void>;

	private constructor(url: string, close: () => Promise<void>) {
		this.url = url;
		this.#close = close;
	}

	/** Between devices and `edge`, `http://host:port`. It goes on when the edge is gone: what is sent then is lost. */
	static async before(edge: string, chance: Random): Promise<Network> {
		const { hostname, port } = new URL(edge);
		const agent = new Agent({ keepAlive: true });
		const sockets = new Set<Socket>();
		let network: Network | undefined;

		const forward = (from: IncomingMessage, body: Buffer): Promise<Answer> =>
			new Promise((resolve, reject) => {
				const headers = { ...from.headers, host: `${hostname}:${port}`, 'content-length': String(body.length) };
				const upstream = ask(
					{ hostname, port, agent, method: from.method, path: from.url, headers },
					(answer: IncomingMessage) => {
						const type = answer.headers['content-type'] ?? '';
						read(answer).then((whole) => resolve({ status: answer.statusCode ?? 502, type, body: whole }), reject);
					},
				);
				upstream.on('error', reject).end(body);
			});

		const carry = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
			const { harm } = network!;
			const body = await read(from);
			const fate = chance.below(100);
			const slow = chance.chance(SLOW) ? chance.below(SLOW_MS) : 0;
			const later = chance.below(LATER_MS);
			if (fate < REQUEST_LOST) {
				harm.requestsLost++;
				to.destroy();
				return;
			}
			let answer = await forward(from, body);
			if (fate < REQUEST_LOST + ANSWER_LOST) {
				harm.answersLost++;
				to.destroy();
				return;
			}
			if (fate < REQUEST_LOST + ANSWER_LOST + REPEATED) {
				harm.repeated++;
				answer = await forward(from, body);
			} else if (fate < REQUEST_LOST + ANSWER_LOST + REPEATED + REPEATED_LATER) {
				harm.repeated++;
				// Nobody waits for its answer, and the edge may be gone by then.
				void after(later)
					.then(() => forward(from, body))
					.catch(() => {});
			}
			await after(slow);
			to.writeHead(answer.status, { 'Content-Type': answer.type }).end(answer.body);
		};

		const server = createServer((from, to) => {
			carry(from, to).catch(() => to.destroy());
		});
		server.on('upgrade', (from: IncomingMessage, near: Socket, head: Buffer) => {
			const far = connect(Number(port), hostname);
			const lines = [`${from.method} ${from.url} HTTP/1.1`];
			for (let i = 0; i < from.rawHeaders.length; i += 2)
				lines.push(`${from.rawHeaders[i]}: ${from.rawHeaders[i + 1]}`);
			far.write(`${lines.join('\r\n')}\r\n\r\n`);
			far.write(head);
			far.pipe(near).pipe(far);
			sockets.add(near);
			const cut = (): void => {
				clearTimeout(timer);
				sockets.delete(near);
				near.destroy();
				far.destroy();
			};
			const timer = setTimeout(() => {
				network!.harm.socketsCut++;
				cut();
			}, chance.below(SOCKET_MS));
			for (const socket of [near, far]) socket.on('error', cut).on('close', cut);
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		network = new Network(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => {
			for (const socket of sockets) socket.destroy();
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeAllConnections();
			await closed;
			agent.destroy();
		});
		return network;
	}

	close(): Promise<void> {
		return this.#close();
	}
}
