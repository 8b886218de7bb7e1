/**
 * The checkout: delivery, payment, review, one after the other on one page,
 * with the order and the coupon field beside them. What was typed stays in
 * memory: it is neither stored nor sent.
 */

import { FIELDS, SAMPLE, checkAddress } from '../lib/address.js';
import { SHIPPING_FEE, shippingFee, totals } from '../lib/cart.js';
import { findProduct } from '../lib/catalog.js';
import { redeem } from '../lib/coupon.js';
import { h } from '../lib/dom.js';
import { cartEvent, purchase } from '../lib/ga4.js';
import { orderId, saveOrder } from '../lib/orders.js';
import { KEYS } from '../lib/storage.js';
import { applyCoupon, couponForm, refused } from './coupon.js';
import { emptyPage, orderLines, totalsTable } from './parts.js';

/** @typedef {import("../lib/shop.js").Shop} Shop */
/** @typedef {import("../lib/shop.js").View} View */
/** @typedef {import("../lib/cart.js").ShippingTier} ShippingTier */
/** @typedef {import("../lib/i18n.js").MessageKey} MessageKey */
/** @typedef {"card" | "konbini" | "cash"} Payment */
/** @typedef {"delivery" | "payment" | "review"} Step */
/**
 * @typedef {object} Desk everything the visitor has decided so far
 * @property {Step} step
 * @property {import("../lib/address.js").Address} address
 * @property {Partial<Record<import("../lib/address.js").Field, MessageKey>>} errors
 * @property {ShippingTier} tier
 * @property {Payment} payment
 * @property {import("./coupon.js").CouponState} coupon
 * @property {boolean} placing
 * @property {MessageKey | null} failure
 * @property {string} order the number the order will get: one for the whole visit of the desk, so that a repeated redemption is the same one
 */

/** @type {readonly Step[]} */
const STEPS = ['delivery', 'payment', 'review'];
/** @type {readonly ShippingTier[]} */
const TIERS = ['standard', 'express'];
/** @type {readonly Payment[]} */
const PAYMENTS = ['card', 'konbini', 'cash'];
/** @type {Record<Step, MessageKey>} */
const STEP_NAMES = { delivery: 'stepDelivery', payment: 'stepPayment', review: 'stepReview' };
/** @type {Record<Payment, MessageKey>} */
const PAYMENT_NOTES = { card: 'cardNote', konbini: 'konbiniNote', cash: 'cashNote' };

// A change of language makes a new view; the desk stays as it was.
/** @type {WeakMap<Shop, Desk>} */
const desks = new WeakMap();

/** @returns {Desk} */
function newDesk() {
	return {
		step: 'delivery',
		address: { name: '', email: '', postal: '', address: '' },
		errors: {},
		tier: 'standard',
		payment: 'card',
		coupon: { state: 'none' },
		placing: false,
		failure: null,
		order: orderId(new Date(), crypto.getRandomValues(new Uint8Array(6))),
	};
}

/** @param {Desk} desk */
function couponOf(desk) {
	return desk.coupon.state === 'applied'
		? { code: desk.coupon.code, discount: desk.coupon.amount }
		: { code: undefined, discount: 0 };
}

/**
 * @param {Shop} shop
 * @returns {View}
 */
export function checkoutView(shop) {
	const title = shop.t('checkoutTitle');
	const lines = shop.lines();
	if (lines.length === 0) {
		const text = shop.t('cartEmpty');
		const action = shop.t('cartEmptyAction');
		return { title, events: [], render: () => [emptyPage({ title, text, href: '/shop/products/', action })] };
	}
	const known = desks.get(shop);
	const desk = known ?? newDesk();
	desks.set(shop, desk);
	const counter = new Counter(shop, desk);
	return {
		title,
		events: [cartEvent('begin_checkout', lines, totals(lines, { discount: 0, tier: desk.tier }), {}, shop.lang)],
		render: () => {
			counter.draw();
			const kept = shop.store.text(KEYS.coupon);
			if (!known && kept) counter.apply(kept);
			return [counter.root];
		},
	};
}

/** Draws a desk and carries out what the visitor does at it. */
class Counter {
	/**
	 * @param {Shop} shop
	 * @param {Desk} desk
	 */
	constructor(shop, desk) {
		this.shop = shop;
		this.desk = desk;
		this.steps = h('ol', { class: 'steps' });
		this.summary = h('aside', { class: 'summary', 'aria-labelledby': 'summary' });
		this.root = h(
			'div',
			{ class: 'with-aside' },
			h('section', {}, h('h1', {}, shop.t('checkoutTitle')), this.steps),
			this.summary,
		);
	}

	totals() {
		const { discount } = couponOf(this.desk);
		return totals(this.shop.lines(), { discount, tier: this.desk.tier });
	}

	draw() {
		this.drawSteps();
		this.drawSummary();
	}

	drawSteps() {
		const { shop, desk } = this;
		const bodies = {
			delivery: () => this.deliveryForm(),
			payment: () => this.paymentForm(),
			review: () => this.review(),
		};
		const current = STEPS.indexOf(desk.step);
		this.steps.replaceChildren(
			...STEPS.map((step, index) =>
				h(
					'li',
					{
						class: index === current ? 'step current' : 'step',
						'aria-current': index === current ? 'step' : undefined,
					},
					h(
						'div',
						{ class: 'step-head' },
						h(
							'h2',
							{ tabindex: -1, id: `step-${step}` },
							h('small', {}, shop.t('stepOf', { n: index + 1 })),
							' ',
							shop.t(STEP_NAMES[step]),
						),
						index < current &&
							!desk.placing &&
							h(
								'button',
								{ class: 'quiet', type: 'button', id: `edit-${step}`, onclick: () => this.go(step) },
								shop.t('edit'),
							),
					),
					index === current && bodies[step](),
					index < current && this.decided(step),
				),
			),
		);
	}

	drawSummary() {
		const { shop, desk } = this;
		const goods = shop.lines().flatMap(({ id, quantity }) => {
			const product = findProduct(id);
			return product ? [{ product, quantity }] : [];
		});
		this.summary.replaceChildren(
			h('h2', { id: 'summary' }, shop.t('summary')),
			orderLines(shop, goods),
			couponForm(shop, desk.coupon, {
				apply: (code) => this.apply(code),
				remove: () => {
					shop.store.remove(KEYS.coupon);
					this.setCoupon({ state: 'none', note: 'couponRemoved' });
				},
			}),
			totalsTable(shop, this.totals()),
		);
	}

	/** @param {Step} step */
	go(step) {
		this.desk.step = step;
		this.desk.failure = null;
		this.drawSteps();
		document.getElementById(`step-${step}`)?.focus();
	}

	/** @param {string} code */
	apply(code) {
		return applyCoupon(this.shop, code, (state) => this.setCoupon(state));
	}

	/** @param {import("./coupon.js").CouponState} state */
	setCoupon(state) {
		const inside = this.summary.contains(document.activeElement);
		this.desk.coupon = state;
		this.drawSummary();
		if (inside) {
			const next = state.state === 'applied' ? 'coupon-remove' : 'coupon-code';
			const target = document.getElementById(next);
			target?.focus();
			// A refused code is mostly typed again.
			if (target instanceof HTMLInputElement) target.select();
		}
	}

	/**
	 * One line on a finished step.
	 * @param {Step} step
	 */
	decided(step) {
		const { shop, desk } = this;
		const words =
			step === 'delivery'
				? [`${desk.address.name} — ${desk.address.postal} ${desk.address.address}`, shop.t(desk.tier)]
				: [shop.t(desk.payment)];
		return h('p', { class: 'decided' }, ...words.flatMap((word, index) => (index ? [h('br'), word] : [word])));
	}

	deliveryForm() {
		const { shop, desk } = this;
		const form = h(
			'form',
			{
				novalidate: true,
				onsubmit: (event) => {
					event.preventDefault();
					this.submitDelivery(form);
				},
			},
			h(
				'button',
				{
					class: 'quiet',
					type: 'button',
					id: 'sample',
					onclick: () => {
						Object.assign(desk.address, SAMPLE[shop.lang]);
						desk.errors = {};
						this.drawSteps();
						document.getElementById('to-payment')?.focus();
					},
				},
				shop.t('sample'),
			),
			...FIELDS.map((field) => this.field(field)),
			this.choices('shippingMethod', 'tier', TIERS, desk.tier, {
				label: (tier) => shop.t(tier),
				note: (tier) => this.tierPrice(tier),
				choose: (tier) => {
					desk.tier = tier;
					this.drawSummary();
				},
			}),
			h('button', { class: 'button', type: 'submit', id: 'to-payment' }, shop.t('toPayment')),
		);
		return form;
	}

	/** @param {ShippingTier} tier */
	tierPrice(tier) {
		const fee = shippingFee(this.totals().subtotal, tier);
		return fee === 0 ? this.shop.t('shippingFree') : this.shop.money(SHIPPING_FEE[tier]);
	}

	/** @param {import("../lib/address.js").Field} field */
	field(field) {
		const { shop, desk } = this;
		const error = desk.errors[field];
		const autocomplete = { name: 'name', email: 'email', postal: 'postal-code', address: 'street-address' };
		const input = h('input', {
			id: `delivery-${field}`,
			name: field,
			type: field === 'email' ? 'email' : 'text',
			autocomplete: `${field === 'email' ? '' : 'shipping '}${autocomplete[field]}`,
			required: true,
			maxlength: 200,
			value: desk.address[field],
			'aria-invalid': error ? 'true' : undefined,
			'aria-describedby': error ? `error-${field}` : undefined,
			oninput: () => {
				desk.address[field] = input.value;
			},
		});
		return h(
			'p',
			{ class: 'field' },
			h('label', { for: `delivery-${field}` }, shop.t(field)),
			input,
			error && h('span', { class: 'error', id: `error-${field}` }, shop.t(error)),
		);
	}

	/**
	 * A group of radio buttons.
	 * @template {string} Choice
	 * @param {MessageKey} legend
	 * @param {string} name
	 * @param {readonly Choice[]} choices
	 * @param {Choice} current
	 * @param {{label: (choice: Choice) => string, note: (choice: Choice) => string, choose: (choice: Choice) => void}} words
	 */
	choices(legend, name, choices, current, { label, note, choose }) {
		return h(
			'fieldset',
			{},
			h('legend', {}, this.shop.t(legend)),
			...choices.map((choice) =>
				h(
					'label',
					{ class: 'choice' },
					h('input', {
						type: 'radio',
						name,
						value: choice,
						checked: choice === current,
						onchange: () => choose(choice),
					}),
					h('span', {}, label(choice)),
					h('span', { class: 'hint' }, note(choice)),
				),
			),
		);
	}

	/** @param {HTMLFormElement} form */
	submitDelivery(form) {
		const { shop, desk } = this;
		for (const field of FIELDS) {
			// Autofill does not always fire `input`; the form itself knows.
			const typed = new FormData(form).get(field);
			if (typeof typed === 'string') desk.address[field] = typed.trim();
		}
		desk.errors = checkAddress(desk.address);
		const wrong = FIELDS.find((field) => desk.errors[field]);
		if (wrong) {
			this.drawSteps();
			document.getElementById(`delivery-${wrong}`)?.focus();
			return;
		}
		const details = { coupon: couponOf(desk).code, shipping_tier: desk.tier };
		shop.push(cartEvent('add_shipping_info', shop.lines(), this.totals(), details, shop.lang));
		this.go('payment');
	}

	paymentForm() {
		const { shop, desk } = this;
		return h(
			'form',
			{
				onsubmit: (event) => {
					event.preventDefault();
					const details = { coupon: couponOf(desk).code, payment_type: desk.payment };
					shop.push(cartEvent('add_payment_info', shop.lines(), this.totals(), details, shop.lang));
					this.go('review');
				},
			},
			this.choices('paymentMethod', 'payment', PAYMENTS, desk.payment, {
				label: (payment) => shop.t(payment),
				note: (payment) => shop.t(PAYMENT_NOTES[payment]),
				choose: (payment) => {
					desk.payment = payment;
				},
			}),
			h('button', { class: 'button', type: 'submit', id: 'to-review' }, shop.t('toReview')),
		);
	}

	review() {
		const { shop, desk } = this;
		return h(
			'form',
			{
				onsubmit: (event) => {
					event.preventDefault();
					if (!desk.placing) void this.place();
				},
			},
			h('p', {}, shop.t('reviewText')),
			h('p', { class: 'error', role: 'alert', id: 'order-error' }, desk.failure ? shop.t(desk.failure) : ''),
			h(
				'button',
				{ class: 'button wide', type: 'submit', id: 'place-order', 'aria-disabled': desk.placing ? 'true' : undefined },
				shop.t(desk.placing ? 'placing' : 'placeOrder'),
			),
		);
	}

	/**
	 * Spends the coupon, then keeps the order and leaves for the thank-you page.
	 * Nothing is ordered at another price than the one shown: when the coupon
	 * cannot be spent, the visitor decides again.
	 */
	async place() {
		const { shop, desk } = this;
		const lines = shop.lines();
		const { code } = couponOf(desk);
		const sum = this.totals();
		desk.placing = true;
		desk.failure = null;
		this.drawSteps();
		if (code !== undefined) {
			const answer = await redeem(code, desk.order);
			if (!answer.ok) {
				desk.placing = false;
				desk.failure = 'couponNotRedeemed';
				if (answer.kind !== 'unavailable') {
					shop.store.remove(KEYS.coupon);
					this.setCoupon(refused(code, answer));
				}
				this.drawSteps();
				document.getElementById('place-order')?.focus();
				return;
			}
		}
		saveOrder(shop.store, {
			id: desk.order,
			lines,
			totals: sum,
			coupon: code ?? null,
			purchase: purchase(desk.order, lines, sum, code, shop.lang),
		});
		shop.store.remove(KEYS.coupon);
		shop.emptyCart();
		location.assign(`/shop/complete/?order=${encodeURIComponent(desk.order)}`);
	}
}
