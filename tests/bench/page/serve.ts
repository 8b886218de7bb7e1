/** One server for all: each contender has an origin of its own on loopback with the same shop, the same compression and the same headers. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Answer, Contender, File } from './contender.ts';

const TYPES: Readonly<Record<string, string>> = {
	html: 'text/html; charset=utf-8',
	js: 'text/javascript; charset=utf-8',
	css: 'text/css; charset=utf-8',
	json: 'application/json',
	svg: 'image/svg+xml',
	wasm: 'application/wasm',
};
/** The line of the shop's pages that a contender's own stands in for. */
const TAG = '<script async src="/tag.js" data-site="demo"></script>';

const typeOf = (path: string): string => TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';

export function brotli(body: Uint8Array): Uint8Array {
	return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
}

/** A file of a tool, compressed as the build compresses Noren's. */
export function file(path: string, body: string | Uint8Array): File {
	const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
	return { type: typeOf(path), body: bytes, brotli: brotli(bytes), immutable: true };
}

/** The files of a folder as the build left them, by address; those it compressed with what it made of them. */
export function built(folder: string, wanted: (path: string) => boolean): Map<string, File> {
	const files = new Map<string, File>();
	for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
		const path = join(folder, entry);
		if (!wanted(entry) || /\.(br|gz)$/.test(entry) || !statSync(path).isFile()) continue;
		const small = `${path}.br`;
		const compressed = statSync(small, { throwIfNoEntry: false }) ? { brotli: readFileSync(small) } : {};
		files.set(`/${relative(folder, path)}`, {
			type: typeOf(path),
			body: readFileSync(path),
			...compressed,
			immutable: /\.[0-9a-f]{16}\.|\/w\//.test(`/${entry}`),
		});
	}
	return files;
}

/** An answered request for something that belongs to the tool and not to the shop. */
export interface Served {
	readonly path: string;
	readonly status: number;
	/** Of the body, as it travelled. */
	readonly bytes: number;
}

export interface Origin {
	readonly url: string;
	readonly contender: Contender;
	/** What the tool asked for since the last `forget`. */
	readonly served: Served[];
	forget(): void;
	close(): void;
}

/** Opens an origin for a contender. `shop` are the shop's files. */
export async function open(contender: Contender, shop: ReadonlyMap<string, File>): Promise<Origin> {
	let served: Served[] = [];
	const pages = new Map<string, File>();
	const files = new Map<string, File>();
	const server: Server = createServer((request, response) => {
		void handle(request, response).catch((error: unknown) => {
			response.writeHead(500).end(String(error));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

	for (const [path, page] of shop) {
		if (!path.endsWith('.html')) {
			pages.set(path, page);
			continue;
		}
		const html = Buffer.from(page.body).toString();
		if (!html.includes(TAG)) throw new Error(`${path} has no line of Noren to replace`);
		const own = Buffer.from(html.replace(TAG, contender.head.replaceAll('ORIGIN', url)));
		pages.set(path.replace(/index\.html$/, ''), { type: page.type, body: own, brotli: brotli(own) });
	}
	for (const [path, made] of contender.files) {
		// A tool whose servers' addresses are fixed in its code asks this one instead.
		const text = /javascript/.test(made.type) ? Buffer.from(made.body).toString() : '';
		files.set(path, text.includes('https://ORIGIN') ? file(path, text.replaceAll('https://ORIGIN', url)) : made);
	}

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const path = request.url ?? '/';
		const bare = path.split('?')[0]!;
		const page = pages.get(bare);
		if (page) return send(response, page);
		const own = files.get(bare);
		if (own) {
			served.push({ path, status: 200, bytes: (own.brotli ?? own.body).length });
			return send(response, own);
		}
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const body = Buffer.concat(chunks).toString();
		const { method = 'GET' } = request;
		const { origin } = request.headers;
		// Where the shop asks for what it lives without, nobody answers on any origin.
		const answer: Answer | undefined = await contender.answer?.({ method, path, body, origin });
		const text = answer ? Buffer.from(answer.body) : Buffer.alloc(0);
		// Answers are compressed as well, as everybody's edge does, but quickly.
		const small = text.length > 256 && answer?.type !== 'text/event-stream' ? brotli(text) : text;
		const status = answer ? (answer.status ?? 200) : 404;
		served.push({ path, status, bytes: small.length });
		response.writeHead(status, {
			'Content-Type': answer?.type ?? 'text/plain',
			'Cache-Control': 'no-store',
			...(small !== text && { 'Content-Encoding': 'br' }),
			...answer?.headers,
		});
		response.end(small);
	}

	function send(response: ServerResponse, found: File): void {
		response.writeHead(200, {
			'Content-Type': found.type,
			'Cache-Control': found.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
			...(found.brotli && { 'Content-Encoding': 'br' }),
		});
		response.end(found.brotli ?? found.body);
	}

	return {
		url,
		contender,
		get served() {
			return served;
		},
		forget: () => (served = []),
		close: () => {
			server.close();
			server.closeAllConnections();
		},
	};
}
