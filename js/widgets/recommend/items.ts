import { safeUrl } from '../../shared/safeUrl.ts';
import type { Content, Item } from '../../shared/widget.ts';

/** Items that one row shows: past two dozen nobody looks on. */
const ITEMS_MAX = 24;

/**
 * The items to show: the page's own list where the campaign names one and the page has it, else the campaign's. What cannot be followed,
 * has no title, or is the page itself is left out.
 */
export function itemsOf({ items = [], from }: Content, page: string | undefined, address: string): readonly Item[] {
	const list = (from !== undefined && readList(page)) || items;
	return list
		.filter((item) => {
			const url = safeUrl(item.url, address);
			return url !== undefined && item.title && plain(url) !== plain(address);
		})
		.slice(0, ITEMS_MAX);
}

/** A page's list as it stands in it; `undefined` where there is none that can be read. */
function readList(text: string | undefined): Item[] | undefined {
	try {
		const list: unknown = JSON.parse(text ?? '');
		if (!Array.isArray(list)) return undefined;
		return list.filter(
			(item: Partial<Item> | null) =>
				typeof item?.url === 'string' && (typeof item.title === 'string' || typeof item.title === 'object'),
		) as Item[];
	} catch {
		return undefined;
	}
}

/** An address without its fragment. */
function plain(url: string): string {
	return url.replace(/#.*/, '');
}

/** A price in its currency; `undefined` where either is missing or not one. */
export function priceOf({ price, currency }: Item, language: string): string | undefined {
	if (typeof price !== 'number' || !currency) return undefined;
	try {
		return new Intl.NumberFormat(language, { style: 'currency', currency }).format(price);
	} catch {
		return undefined;
	}
}
