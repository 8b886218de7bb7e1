/**
 * The device behind a page, and its sync spoken without a browser: tests send a device's earlier events by it, ask for its facts, and are
 * rude to the edge.
 */
import { randomBytes } from 'node:crypto';
import type { Page } from '../../driver/driver.ts';

export interface Device {
	readonly device: string;
	readonly key: string;
	readonly epoch: number;
	readonly generation: number;
}

export interface DeviceEvent {
	readonly n: number;
	/** Unix ms. */
	readonly at: number;
	readonly name: string;
	readonly props?: Readonly<Record<string, unknown>>;
}

export interface Batch {
	readonly id: string;
	readonly from: number;
	readonly done: boolean;
	readonly events: readonly DeviceEvent[];
}

export interface Answer {
	readonly status: number;
	// What an answer holds is what the test is about; it looks and asserts.
	readonly body: any;
	readonly headers: Headers;
}

const random = (bytes: number) => randomBytes(bytes).toString('base64url');

/** A device that no browser has. */
export function newDevice(): Device {
	return { device: random(16), key: random(32), epoch: 0, generation: 0 };
}

export const newStream = () => random(16);

/** Waits until the page's device has an identity, and reads it from where the agent keeps it. */
export async function deviceOf(page: Page, site = 'demo'): Promise<Device> {
	const stored = await page.waitFor((name: string) => localStorage.getItem(name), [`noren.${site}.id`]);
	const [device, key, epoch, generation] = JSON.parse(String(stored)) as [string, string, number, number];
	return { device, key, epoch, generation };
}

/** The body of a sync; `more` overrides any field. */
export function syncBody(of: Device, streams: readonly Batch[], more: Readonly<Record<string, unknown>> = {}) {
	return { v: 1, site: 'demo', ...of, sent_at: Date.now(), program: '', facts: true, fresh: false, streams, ...more };
}

/** Sends a sync as a page of `origin` does. A body that is not text is sent as JSON. */
export async function post(
	edge: string,
	body: unknown,
	options: { readonly origin?: string; readonly site?: string; readonly route?: string } = {},
): Promise<Answer> {
	const { origin = edge, site = 'demo', route = 'sync' } = options;
	const response = await fetch(`${edge}/noren/v1/${route}?site=${site}`, {
		method: 'POST',
		headers: { 'Content-Type': 'text/plain;charset=UTF-8', Origin: origin },
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});
	const text = await response.text();
	return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
}

/** A sync that must succeed; its answer. */
export async function sync(
	edge: string,
	of: Device,
	streams: readonly Batch[],
	more: Readonly<Record<string, unknown>> = {},
) {
	const answer = await post(edge, syncBody(of, streams, more));
	if (answer.status !== 200) throw new Error(`sync: ${answer.status} ${JSON.stringify(answer.body)}`);
	return answer.body;
}

/** What the edge knows of a device. */
export async function factsOf(edge: string, of: Device): Promise<any> {
	return (await sync(edge, of, [])).facts;
}
