/** The coupon field of the checkout. */

import * as coupon from '../lib/coupon.js';
import { totals } from '../lib/cart.js';
import { h } from '../lib/dom.js';
import { KEYS } from '../lib/storage.js';

/** @typedef {import("../lib/shop.js").Shop} Shop */
/** @typedef {import("../lib/catalog.js").Text} Text */
/** @typedef {import("../lib/i18n.js").MessageKey} MessageKey */
/**
 * none -> checking -> applied | refused; refused -> checking; applied -> none.
 * @typedef {{state: "none", note?: MessageKey}
 *   | {state: "checking", code: string}
 *   | {state: "applied", code: string, amount: number, label: Text | null}
 *   | {state: "refused", code: string, reason: MessageKey, message: Text | null}} CouponState
 */

/** @type {Record<coupon.Refusal, MessageKey>} */
const REASONS = {
	unknown: 'couponUnknown',
	used: 'couponUsed',
	expired: 'couponExpired',
	unavailable: 'couponUnavailable',
};

/**
 * Asks the server about `code` and puts each state into `set` on the way. The
 * code is kept for a reload until it is spent, refused or removed.
 * @param {Shop} shop
 * @param {string} typed
 * @param {(state: CouponState) => void} set
 */
export async function applyCoupon(shop, typed, set) {
	const code = coupon.normalizeCode(typed);
	if (code === '') {
		set({ state: 'refused', code, reason: 'couponEmpty', message: null });
		return;
	}
	set({ state: 'checking', code });
	const { subtotal } = totals(shop.lines(), { discount: 0, tier: 'standard' });
	const answer = await coupon.check(code, subtotal);
	if (answer.ok) {
		shop.store.set(KEYS.coupon, code);
		set({ state: 'applied', code, amount: answer.amount, label: answer.label });
	} else {
		if (answer.kind !== 'unavailable') shop.store.remove(KEYS.coupon);
		set(refused(code, answer));
	}
}

/**
 * @param {string} code
 * @param {coupon.Refused} answer
 * @returns {CouponState}
 */
export function refused(code, answer) {
	return { state: 'refused', code, reason: REASONS[answer.kind], message: answer.message };
}

/**
 * @param {Shop} shop
 * @param {CouponState} now
 * @param {{apply: (code: string) => void, remove: () => void}} actions
 */
export function couponForm(shop, now, { apply, remove }) {
	const status = h(
		'p',
		{ id: 'coupon-message', class: `coupon-message ${now.state}`, role: 'status' },
		couponWords(shop, now),
	);
	if (now.state === 'applied') {
		return h(
			'div',
			{ class: 'coupon' },
			h(
				'p',
				{ class: 'coupon-applied' },
				h('code', { id: 'coupon-applied' }, now.code),
				h('button', { class: 'quiet', type: 'button', id: 'coupon-remove', onclick: remove }, shop.t('couponRemove')),
			),
			now.label && h('p', { class: 'coupon-label' }, shop.text(now.label)),
			status,
		);
	}
	const checking = now.state === 'checking';
	const input = h('input', {
		id: 'coupon-code',
		name: 'coupon',
		type: 'text',
		autocomplete: 'off',
		autocapitalize: 'characters',
		spellcheck: 'false',
		maxlength: 64,
		value: now.state === 'none' ? '' : now.code,
		readonly: checking,
		'aria-describedby': 'coupon-message',
		'aria-invalid': now.state === 'refused' ? 'true' : undefined,
	});
	return h(
		'form',
		{
			class: 'coupon',
			onsubmit: (event) => {
				event.preventDefault();
				if (!checking) apply(input.value);
			},
		},
		h('label', { for: 'coupon-code' }, shop.t('couponLabel')),
		h(
			'span',
			{ class: 'coupon-row' },
			input,
			h(
				'button',
				{ class: 'button second', type: 'submit', id: 'coupon-apply', 'aria-disabled': checking ? 'true' : undefined },
				shop.t('couponApply'),
			),
		),
		status,
	);
}

/**
 * What to say about the coupon: the server's own words where it sent any.
 * @param {Shop} shop
 * @param {CouponState} now
 */
function couponWords(shop, now) {
	switch (now.state) {
		case 'none':
			return now.note ? shop.t(now.note) : '';
		case 'checking':
			return shop.t('couponChecking');
		case 'applied':
			return shop.t('couponApplied');
		case 'refused':
			return now.message ? shop.text(now.message) : shop.t(now.reason);
	}
}
