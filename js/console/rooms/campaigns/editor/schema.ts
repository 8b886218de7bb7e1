/**
 * What a JSON Schema allows at a place of a document. Understands the part of draft 2020-12 that describes shapes: `$ref` within the
 * document, `properties`, `patternProperties`, `additionalProperties`, `items`, `prefixItems`, `enum`, `const`, `type`, `allOf`,
 * `anyOf`, `oneOf`, `description`, `default`, `examples`. Everything else is for validators: the edge has the last word anyway.
 */
import { join, split, type Outline } from './outline.ts';

export type Schema = boolean | { readonly [keyword: string]: unknown };

export interface KeySuggestion {
	readonly name: string;
	readonly description: string;
	readonly required: boolean;
	/** JSON to begin the value with, for example `""` or `{}`; empty where several kinds are possible. */
	readonly template: string;
}

export interface ValueSuggestion {
	/** JSON text of the value. */
	readonly json: string;
	readonly description: string;
}

/** `$ref` chains and nested alternatives deeper than this do not occur in an honest schema. */
const DEPTH_MAX = 24;

type Node = { readonly [keyword: string]: unknown };

/** The keys that may stand in the object at `pointer`, required ones first, without those it has. */
export function keysAt(
	root: Schema,
	read: Outline,
	pointer: string,
	taken: readonly string[],
	language: string,
): KeySuggestion[] {
	const found = new Map<string, KeySuggestion>();
	for (const node of nodesAt(root, read, pointer)) {
		const required = Array.isArray(node['required']) ? (node['required'] as unknown[]) : [];
		for (const [name, schema] of Object.entries(record(node['properties']))) {
			if (taken.includes(name) || found.has(name)) continue;
			const value = flatten(root, schema, 0);
			found.set(name, {
				name,
				description: described(value, language),
				required: required.includes(name),
				template: templateOf(value),
			});
		}
	}
	return [...found.values()].sort((a, b) => Number(b.required) - Number(a.required));
}

/** The values that the schema names for the place at `pointer`. */
export function valuesAt(root: Schema, read: Outline, pointer: string, language: string): ValueSuggestion[] {
	const found = new Map<string, ValueSuggestion>();
	const add = (value: unknown, node: Node) => {
		const json = JSON.stringify(value);
		if (json !== undefined && !found.has(json)) found.set(json, { json, description: describe(node, language) });
	};
	for (const node of nodesAt(root, read, pointer)) {
		if ('const' in node) add(node['const'], node);
		for (const value of list(node['enum'])) add(value, node);
		for (const type of types(node)) {
			if (type === 'boolean') {
				add(true, node);
				add(false, node);
			}
			if (type === 'null') add(null, node);
		}
		if ('default' in node) add(node['default'], node);
		for (const value of list(node['examples'])) add(value, node);
		const template = templateOf([node]);
		if (template !== '' && template !== '""' && !found.has(template)) {
			found.set(template, { json: template, description: describe(node, language) });
		}
	}
	return [...found.values()];
}

/** What the schema says about the place at `pointer`, in the language if it has it, else in English. */
export function descriptionAt(root: Schema, read: Outline, pointer: string, language: string): string {
	return described(nodesAt(root, read, pointer), language);
}

/** All flat schemas that apply at a place, alternatives that contradict what is already written left out. */
function nodesAt(root: Schema, read: Outline, pointer: string): Node[] {
	let path = '';
	let nodes = fitting(flatten(root, root, 0), read, path);
	for (const token of split(pointer)) {
		const below: Node[] = [];
		for (const node of nodes) {
			const properties = record(node['properties']);
			const own = Object.hasOwn(properties, token) ? properties[token] : undefined;
			const patterns = Object.entries(record(node['patternProperties'])).filter(([pattern]) => matches(pattern, token));
			if (own !== undefined) below.push(...flatten(root, own, 0));
			for (const [, schema] of patterns) below.push(...flatten(root, schema, 0));
			if (own === undefined && patterns.length === 0) below.push(...flatten(root, node['additionalProperties'], 0));
			if (/^\d+$/u.test(token)) {
				const prefix = list(node['prefixItems']);
				const index = Number(token);
				below.push(...flatten(root, index < prefix.length ? prefix[index] : node['items'], 0));
			}
		}
		path = join(path, token);
		nodes = fitting(below, read, path);
	}
	return nodes;
}

/** Follow references and open alternatives until only plain schemas are left. */
function flatten(root: Schema, schema: unknown, depth: number): Node[] {
	if (schema === null || typeof schema !== 'object' || Array.isArray(schema) || depth > DEPTH_MAX) return [];
	const node = schema as Node;
	const parts: Node[] = [node];
	const reference = node['$ref'];
	if (typeof reference === 'string') parts.push(...flatten(root, lookUp(root, reference), depth + 1));
	for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
		for (const part of list(node[keyword])) parts.push(...flatten(root, part, depth + 1));
	}
	return parts;
}

function lookUp(root: Schema, reference: string): unknown {
	if (!reference.startsWith('#')) return undefined;
	let at: unknown = root;
	for (const token of split(decodeURIComponent(reference.slice(1)))) {
		if (at === null || typeof at !== 'object' || !Object.hasOwn(at, token)) return undefined;
		at = (at as Record<string, unknown>)[token];
	}
	return at;
}

/**
 * Leave out the alternatives whose constant fields say something else than the document: with `"kind": "bar"` written, only a bar's
 * fields are offered. Where everything contradicts, everything stays: a typing error must not switch help off.
 */
function fitting(nodes: Node[], read: Outline, pointer: string): Node[] {
	const verdicts = nodes.map((node) => agrees(node, read, pointer));
	if (!verdicts.includes(true)) return nodes;
	return nodes.filter((_, index) => verdicts[index] !== false);
}

/** Whether the constants of a schema agree with what is written; undefined where it names none that is. */
function agrees(node: Node, read: Outline, pointer: string): boolean | undefined {
	let verdict: boolean | undefined;
	for (const [name, schema] of Object.entries(record(node['properties']))) {
		const written = read.entries.get(join(pointer, name))?.scalar;
		const constant = record(schema);
		if (written === undefined) continue;
		const allowed = 'const' in constant ? [constant['const']] : constant['enum'];
		if (!Array.isArray(allowed)) continue;
		if (!allowed.includes(written)) return false;
		verdict = true;
	}
	return verdict;
}

function templateOf(nodes: readonly Node[]): string {
	const kinds = new Set<string>();
	for (const node of nodes) {
		if ('const' in node) return JSON.stringify(node['const']);
		for (const type of types(node)) kinds.add(type);
		if (types(node).length === 0 && 'properties' in node) kinds.add('object');
	}
	if (kinds.size !== 1) return '';
	if (kinds.has('string')) return '""';
	if (kinds.has('object')) return '{}';
	if (kinds.has('array')) return '[]';
	return '';
}

function types(node: Node): string[] {
	const type = node['type'];
	if (typeof type === 'string') return [type];
	return list(type).filter((one): one is string => typeof one === 'string');
}

function described(nodes: readonly Node[], language: string): string {
	for (const node of nodes) {
		const text = describe(node, language);
		if (text !== '') return text;
	}
	return '';
}

function describe(node: Node, language: string): string {
	const own = node[`description:${language}`] ?? node[`x-description-${language}`];
	if (typeof own === 'string') return own;
	return typeof node['description'] === 'string' ? node['description'] : '';
}

function matches(pattern: string, name: string): boolean {
	try {
		return new RegExp(pattern, 'u').test(name);
	} catch {
		return false;
	}
}

function record(value: unknown): Record<string, unknown> {
	return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}
