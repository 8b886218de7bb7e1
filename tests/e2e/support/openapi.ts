/**
 * Holds every answer of an edge under test to docs/openapi.json. The document lets answers gain members; a test does not: what an answer says and
 * the document does not know is as wrong as what is missing.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';

export interface Operation {
	readonly operationId: string;
	readonly parameters: readonly { readonly name: string; readonly in: 'path' | 'query'; readonly schema: Schema }[];
	readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
	readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>>;
}

/** As much of JSON Schema as the document uses in requests. */
export interface Schema {
	readonly type?: string | readonly string[];
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly required?: readonly string[];
	readonly additionalProperties?: Schema | boolean;
	readonly items?: Schema;
	readonly prefixItems?: readonly Schema[];
	readonly anyOf?: readonly Schema[];
	readonly enum?: readonly unknown[];
	readonly maxItems?: number;
}

interface Document {
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const text = readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8');

export const openapi = JSON.parse(text) as Document;

/** Objects that list their members have no others. */
function tightened(schema: unknown): unknown {
	if (Array.isArray(schema)) return schema.map(tightened);
	if (typeof schema !== 'object' || schema === null) return schema;
	const entries = Object.entries(schema).map(([key, value]) => [key, tightened(value)]);
	const open = 'type' in schema && schema.type === 'object' && 'properties' in schema;
	return Object.fromEntries(
		open && !('additionalProperties' in schema) ? [...entries, ['additionalProperties', false]] : entries,
	);
}

// What the document says of numbers beyond JSON Schema (`int64`) says how large they get, not how they look.
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
ajv.addSchema(tightened(JSON.parse(text)) as object, 'noren');
const validators = new Map<string, ValidateFunction>();

function validator(pointer: readonly string[]): ValidateFunction {
	const escaped = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
	const ref = `noren#/${escaped.join('/')}`;
	let known = validators.get(ref);
	if (known === undefined) {
		known = ajv.compile({ $ref: ref });
		validators.set(ref, known);
	}
	return known;
}

const templates = Object.keys(openapi.paths).map((path) => ({
	path,
	matches: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]*')}$`),
}));

/**
 * Says what is wrong with an answer, or nothing. `body` is its text; files are looked at only where they have a described address.
 */
export function complaint(
	method: string,
	path: string,
	status: number,
	type: string,
	body: string,
): string | undefined {
	const template = templates.find(({ matches }) => matches.test(path))?.path;
	const ours = ['/noren/v1/', '/v1/', '/shop/api/'].some((start) => path.startsWith(start));
	if (template === undefined && !ours) return undefined;
	const operation = template === undefined ? undefined : openapi.paths[template]?.[method.toLowerCase()];
	const file = template === '/tag.js' || template === '/openapi.json';
	if (operation === undefined || template === undefined) {
		if (file) return undefined;
		// A key or a stranger is told even less than that there is no such thing.
		const refusals = template === undefined ? [404, 405, 401, 403] : [405, 401, 403, 404];
		if (!refusals.includes(status)) return `${status} of what is not described`;
		return method === 'HEAD' ? undefined : fits(['components', 'schemas', 'ErrorBody'], body);
	}
	const response = operation.responses[String(status)];
	if (response === undefined)
		return `${operation.operationId}: status ${status} is not described: ${body.slice(0, 200)}`;
	const described = Object.keys(response.content ?? {});
	const [essence] = type.split(';');
	if (described.length === 0 || method === 'HEAD') return body === '' ? undefined : 'a body that is not described';
	if (essence === undefined || !described.includes(essence)) return `content type ${type} is not described`;
	if (!/json$/.test(essence)) return undefined;
	const pointer = ['paths', template, method.toLowerCase(), 'responses', String(status), 'content', essence, 'schema'];
	const wrong = fits(pointer, body);
	return wrong === undefined ? undefined : `${operation.operationId} ${status}: ${wrong}`;
}

function fits(pointer: readonly string[], body: string): string | undefined {
	const validate = validator(pointer);
	try {
		if (validate(JSON.parse(body))) return undefined;
	} catch {
		return `no JSON: ${body.slice(0, 100)}`;
	}
	return `${ajv.errorsText(validate.errors)}: ${body.slice(0, 300)}`;
}

const held = new Set<string>();
const plain = globalThis.fetch;

/** From now on `fetch` throws where an answer of this edge is not what the document says. */
export function hold(url: string): void {
	held.add(url);
	globalThis.fetch = checked;
}

async function checked(input: string | URL | Request, init?: RequestInit): Promise<Response> {
	const response = await plain(input, init);
	const address = new URL(input instanceof Request ? input.url : input);
	if (!held.has(address.origin)) return response;
	const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
	const type = response.headers.get('content-type') ?? '';
	const body = await response.clone().text();
	const wrong = complaint(method.toUpperCase(), address.pathname, response.status, type, body);
	if (wrong !== undefined) throw new Error(`${method} ${address.pathname} is not as docs/openapi.json says: ${wrong}`);
	return response;
}
