import type { CouponTerms } from '../../shared/widget.ts';
import { couponWords, fill, wordsIn } from '../common/words.ts';

/** What a coupon promises, one line each; an empty string is a line that does not apply. */
export interface TermLines {
	readonly worth: string;
	readonly minimum: string;
	readonly until: string;
}

/**
 * Puts terms and expiry (Unix ms) into the visitor's language, money and calendar. `timeZone` is the visitor's own when left out.
 * Figures that are not numbers, and currencies that are none, are left out or shown bare: a slip in a pool's terms must not cost the
 * visitor the code.
 */
export function termLines(
	language: string,
	terms: CouponTerms | undefined,
	expires: number | undefined,
	timeZone?: string,
): TermLines {
	const words = wordsIn(couponWords, language);
	const money = (value: number): string => formatMoney(language, value, terms?.currency);
	const value = terms && Number.isFinite(terms.value) && terms.value > 0 ? terms.value : undefined;
	const worth =
		value === undefined
			? ''
			: terms?.kind === 'percent'
				? new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(value / 100)
				: money(value);
	const minimum = terms?.minimum;
	return {
		worth: worth && fill(words.off, worth),
		minimum: minimum !== undefined && minimum > 0 ? fill(words.minimum, money(minimum)) : '',
		until:
			expires !== undefined && Math.abs(expires) <= 8.64e15
				? fill(
						words.until,
						new Intl.DateTimeFormat(language, {
							year: 'numeric',
							month: 'short',
							day: 'numeric',
							weekday: 'short',
							hour: 'numeric',
							minute: '2-digit',
							timeZone,
						}).format(expires),
					)
				: '',
	};
}

/** Whole amounts carry no decimals. Japanese reads `500円` more naturally than `¥500`, and the same for any currency's name. */
function formatMoney(language: string, value: number, currency: string | undefined): string {
	const digits = { minimumFractionDigits: Number.isInteger(value) ? 0 : undefined };
	try {
		const currencyDisplay = language.startsWith('ja') ? 'name' : 'narrowSymbol';
		if (currency)
			return new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay, ...digits }).format(value);
	} catch {
		// An unknown currency code: the bare number below.
	}
	return new Intl.NumberFormat(language).format(value);
}
