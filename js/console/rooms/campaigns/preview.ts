import type { Content, Item } from '../../../shared/widget.ts';

/** Where the preview of a message in the page stands. */
export const PLACE = '#preview-place';

/** What each variant of a document shows, as far as it is written. */
export function variantsOf(document: unknown): readonly { readonly id: string; readonly content: Content }[] {
	const { variants } = (document ?? {}) as { variants?: unknown };
	if (!Array.isArray(variants)) return [];
	return variants.flatMap((variant: { id?: unknown; action?: { kind?: unknown } } | null) =>
		typeof variant?.id === 'string' && typeof variant.action?.kind === 'string'
			? [{ id: variant.id, content: variant.action as Content }]
			: [],
	);
}

/** The languages that a document's texts are written in: of objects that have at least one of ours. Sorted. */
export function languagesOf(document: unknown): readonly string[] {
	const found = new Set<string>();
	const look = (value: unknown): void => {
		if (typeof value !== 'object' || value === null) return;
		if ('en' in value || 'ja' in value) for (const tag of Object.keys(value)) found.add(tag);
		for (const inner of Object.values(value)) look(inner);
	};
	look(document);
	return [...found].sort();
}

const SAMPLES: readonly Item[] = [1, 2, 3].map((n) => ({ title: String(n), url: `/${n}` }));

/** A content as it can be shown without the site's page: its place is the preview's, its list and its number are made up. */
export function contentOf(content: Content): Content {
	const { from: _, ...rest } = content;
	return {
		...rest,
		...(content.slot && { slot: { ...content.slot, at: PLACE } }),
		...(content.kind === 'recommend' && { items: content.items ?? SAMPLES }),
		...(content.count && { count: { ...content.count, from: `${PLACE}[data-count]` } }),
	};
}
