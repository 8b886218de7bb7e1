/**
 * Coupons, as the shop's server answers about them. Everything else in the
 * shop works when nobody answers at these addresses.
 *
 *   POST /shop/api/coupon {"code", "total"}
 *   POST /shop/api/redeem {"code", "order"}
 *   -> {"ok": true, "label": {"ja", "en"}, "discount": yen}
 *    | {"ok": false, "code": "coupon_unknown" | "coupon_used" | "coupon_expired", "message": {"ja", "en"}}
 */

import { clampDiscount } from './cart.js';

/** @typedef {import("./catalog.js").Text} Text */
/** @typedef {"unknown" | "used" | "expired" | "unavailable"} Refusal */
/** @typedef {{ok: true, kind: "discount", amount: number, label: Text | null}} Accepted */
/** @typedef {{ok: false, kind: Refusal, message: Text | null}} Refused */
/** @typedef {Accepted | Refused} Answer */

const CHECK = '/shop/api/coupon';
const REDEEM = '/shop/api/redeem';
/** A checkout that waits longer than this has lost the visitor. */
const PATIENCE_MS = 8000;

/** @type {Record<string, Refusal>} */
const REFUSALS = { coupon_unknown: 'unknown', coupon_used: 'used', coupon_expired: 'expired' };

/**
 * A code as people paste it: full-width letters and stray spaces mean nothing.
 * Letter case is the server's business.
 * @param {string} typed
 */
export function normalizeCode(typed) {
	return typed.normalize('NFKC').replace(/\s+/g, '');
}

/**
 * @param {unknown} value
 * @returns {Text | null}
 */
function text(value) {
	const { ja, en } = /** @type {Partial<Text>} */ (value ?? {});
	return typeof ja === 'string' && typeof en === 'string' ? { ja, en } : null;
}

/**
 * Reads an answer. Whatever is not one of the agreed shapes means that the
 * coupon could not be checked, never that it is good or bad.
 * @param {unknown} body parsed JSON
 * @param {number} total goods in yen; the discount never exceeds it
 * @returns {Answer}
 */
export function readAnswer(body, total) {
	const { ok, label, discount } = /** @type {Record<string, unknown>} */ (body ?? {});
	if (ok === true && typeof discount === 'number' && Number.isFinite(discount)) {
		return { ok: true, kind: 'discount', amount: clampDiscount(discount, total), label: text(label) };
	}
	return refusal(body);
}

/**
 * @param {unknown} body
 * @returns {Refused}
 */
function refusal(body) {
	const { ok, code, message } = /** @type {Record<string, unknown>} */ (body ?? {});
	const kind = ok === false && typeof code === 'string' ? REFUSALS[code] : undefined;
	return { ok: false, kind: kind ?? 'unavailable', message: kind ? text(message) : null };
}

/**
 * Reads the answer to a redemption. The discount was fixed by `check`, so only
 * yes or no counts: the visitor pays what was shown.
 * @param {unknown} body parsed JSON
 * @returns {{ok: true} | Refused}
 */
export function readRedeemed(body) {
	if (/** @type {{ok?: unknown}} */ (body ?? {}).ok === true) return { ok: true };
	return refusal(body);
}

/**
 * @param {string} path
 * @param {Record<string, unknown>} body
 * @returns {Promise<unknown>} the answer, or `null` when there is none
 */
async function ask(path, body) {
	try {
		const reply = await fetch(path, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
			signal: AbortSignal.timeout(PATIENCE_MS),
		});
		return await reply.json();
	} catch {
		return null;
	}
}

/**
 * What the code is worth on goods of `total` yen. Changes nothing.
 * @param {string} code
 * @param {number} total
 */
export async function check(code, total) {
	return readAnswer(await ask(CHECK, { code, total }), total);
}

/**
 * Spends the code on an order. Asking again for the same order is answered
 * alike, so a lost reply can be repeated.
 * @param {string} code
 * @param {string} order
 */
export async function redeem(code, order) {
	return readRedeemed(await ask(REDEEM, { code, order }));
}
