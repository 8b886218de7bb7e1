/** The delivery form: what it asks for and when an answer will do. */

/** @typedef {"name" | "email" | "postal" | "address"} Field */
/** @typedef {Record<Field, string>} Address */
/** @typedef {import("./i18n.js").MessageKey} MessageKey */

/** @type {readonly Field[]} */
export const FIELDS = ['name', 'email', 'postal', 'address'];

/** @type {Record<import("./i18n.js").Lang, Address>} */
export const SAMPLE = {
	ja: {
		name: '山田 花',
		email: 'hana@example.com',
		postal: '604-8005',
		address: '京都府京都市中京区見本町1-2-3',
	},
	en: {
		name: 'Hana Yamada',
		email: 'hana@example.com',
		postal: '604-8005',
		address: '1-2-3 Mihon-cho, Nakagyo-ku, Kyoto',
	},
};

/** @type {Record<Field, {accepts: RegExp, error: MessageKey}>} */
const RULES = {
	name: { accepts: /\S/, error: 'errorName' },
	email: { accepts: /^[^\s@]+@[^\s@]+\.[^\s@]+$/, error: 'errorEmail' },
	postal: { accepts: /^\d{3}-?\d{4}$/, error: 'errorPostal' },
	address: { accepts: /\S/, error: 'errorAddress' },
};

/**
 * The message for each field that will not do yet. Full-width digits and the
 * dashes of a Japanese keyboard are as good as ASCII ones.
 * @param {Address} address
 * @returns {Partial<Record<Field, MessageKey>>}
 */
export function checkAddress(address) {
	/** @type {Partial<Record<Field, MessageKey>>} */
	const errors = {};
	for (const field of FIELDS) {
		const value = address[field]
			.normalize('NFKC')
			.replace(/[‐‑‒–—―ー−]/g, '-')
			.trim();
		if (!RULES[field].accepts.test(value)) errors[field] = RULES[field].error;
	}
	return errors;
}
