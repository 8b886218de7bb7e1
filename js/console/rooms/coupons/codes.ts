/** Codes as people have them (a column of a spreadsheet, a list in a mail) and as they are sent: in steps that the edge takes. */
import type { PoolAnswer, PoolCode, PoolRequest } from '../../api/types.ts';

/** What the edge takes at once. */
export const STEP = 10_000;

/** A code and the line of the pasted text it stands in, from 1. */
export interface Line {
	readonly code: string;
	readonly line: number;
}

/**
 * The codes of a text: the first column of each line, whether its columns are parted by commas, semicolons or tabs, with or without
 * quotation marks. Empty lines are none; a first line that only says `code` is a heading.
 */
export function parseCodes(text: string): readonly Line[] {
	const found: Line[] = [];
	let first = true;
	text.split(/\r\n|\r|\n/u).forEach((row, index) => {
		const quoted = /^\s*"((?:[^"]|"")*)"/u.exec(row);
		const code = (quoted === null ? (row.split(/[,;\t]/u)[0] ?? '') : (quoted[1] ?? '').replaceAll('""', '"'))
			.replace(/^\uFEFF/u, '')
			.trim();
		if (code === '') return;
		const isHeading = first && /^codes?$|^コード$/iu.test(code);
		first = false;
		if (isHeading) return;
		found.push({ code, line: index + 1 });
	});
	return found;
}

/** What became of a list. */
export interface Imported {
	readonly added: number;
	/** Lines of the text with codes that were there before. */
	readonly duplicates: readonly number[];
	readonly pool: PoolAnswer;
}

/**
 * Sends codes in steps, each of which counts whole or not at all; sent again after a failure, those that arrived are found as duplicates and
 * none is lost. `settings` go with the first.
 */
export async function sendCodes(
	fill: (request: PoolRequest) => Promise<PoolAnswer>,
	settings: Partial<PoolRequest>,
	lines: readonly Line[],
	onStep: (sent: number) => void = () => {},
): Promise<Imported> {
	let added = 0;
	const duplicates: number[] = [];
	for (let at = 0; ; at += STEP) {
		const step = lines.slice(at, at + STEP);
		const pool = await fill({ ...(at === 0 ? settings : {}), codes: step.map(({ code }) => code) });
		added += pool.added;
		for (const place of pool.duplicates) duplicates.push(step[place - 1]?.line ?? 0);
		onStep(Math.min(at + STEP, lines.length));
		if (at + STEP >= lines.length) return { added, duplicates, pool };
	}
}

/** Line numbers for people: `3, 7-9`. At most `most` parts, then an ellipsis. */
export function spans(lines: readonly number[], most = 12): string {
	const parts: string[] = [];
	for (let i = 0; i < lines.length;) {
		let end = i;
		while (lines[end + 1] === (lines[end] ?? 0) + 1) end += 1;
		parts.push(end > i ? `${lines[i]}-${lines[end]}` : String(lines[i]));
		i = end + 1;
	}
	return parts.length > most ? `${parts.slice(0, most).join(', ')}, …` : parts.join(', ');
}

/** A value in a CSV file. One that a spreadsheet would run as a formula is made a text. */
function cell(value: string): string {
	const safe = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
	return `"${safe.replaceAll('"', '""')}"`;
}

/** All codes as a CSV file, for a spreadsheet: UTF-8 with its mark, times in ISO 8601. */
export function toCsv(codes: readonly PoolCode[]): string {
	const time = (at: number) => (at > 0 ? new Date(at).toISOString() : '');
	const rows = codes.map((one) => [
		one.code,
		one.state,
		one.visitor,
		one.campaign,
		time(one.at),
		time(one.expires),
		one.order,
	]);
	const head = ['code', 'state', 'visitor', 'campaign', 'at', 'expires', 'order'];
	return `\uFEFF${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}
