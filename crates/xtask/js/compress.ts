// compress.ts LIST FOLDER: writes a brotli and a gzip form beside each file of LIST, at the highest quality because it happens once, and
// FOLDER/manifest.json with what is there. A form that is not at least 5 % smaller than the file is not worth the choice.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

interface Listed {
	path: string;
	content_type: string;
	immutable: boolean;
	raw_bytes: number;
}

interface Entry extends Listed {
	br: boolean;
	gz: boolean;
	brotli_bytes?: number;
	gzip_bytes?: number;
}

/** Pictures and fonts are compressed already. */
const PACKED = /^(image\/(?!svg)|font\/)/;
const WORTH_IT = 0.95;
/** More than anything that every page loads. */
const SMALL_BYTES = 65_536;

/**
 * The smallest of what brotli's own guesses lead to: a model of text or of anything, a window as wide as it goes or just wide enough. It is
 * some 15 bytes of the agent's module.
 */
async function brotli(content: Buffer): Promise<Buffer> {
	const forms: Buffer[] = [];
	const fits = Math.min(24, Math.max(constants.BROTLI_MIN_WINDOW_BITS, Math.ceil(Math.log2(content.length + 16))));
	const { BROTLI_MODE_GENERIC, BROTLI_MODE_TEXT, BROTLI_MODE_FONT } = constants;
	// What is large belongs to the console, where a few bytes are not worth the time.
	const isSmall = content.length <= SMALL_BYTES;
	for (const mode of isSmall ? [BROTLI_MODE_GENERIC, BROTLI_MODE_TEXT, BROTLI_MODE_FONT] : [BROTLI_MODE_GENERIC]) {
		for (const window of isSmall ? [fits, 24] : [24]) {
			const params = {
				[constants.BROTLI_PARAM_QUALITY]: 11,
				[constants.BROTLI_PARAM_MODE]: mode,
				[constants.BROTLI_PARAM_LGWIN]: window,
				[constants.BROTLI_PARAM_SIZE_HINT]: content.length,
			};
			forms.push(await promisify(brotliCompress)(content, { params }));
		}
	}
	return forms.reduce((best, form) => (form.length < best.length ? form : best));
}

const [list = '', folder = ''] = process.argv.slice(2);
const listed = JSON.parse(readFileSync(list, 'utf8')) as Listed[];

/** Writes one compressed form of `entry`, or removes an old one; answers with its size when it is worth having. */
function keep(entry: Listed, suffix: string, packed: Buffer | undefined): number | undefined {
	const file = join(folder, entry.path + suffix);
	if (packed === undefined || packed.length > entry.raw_bytes * WORTH_IT) {
		rmSync(file, { force: true });
		return undefined;
	}
	writeFileSync(file, packed);
	return statSync(file).size;
}

const entries = await Promise.all(
	listed.map(async (entry): Promise<Entry> => {
		const content = readFileSync(join(folder, entry.path));
		const packable = !PACKED.test(entry.content_type);
		const br = keep(entry, '.br', packable ? await brotli(content) : undefined);
		const gz = keep(entry, '.gz', packable ? await promisify(gzip)(content, { level: 9 }) : undefined);
		return {
			...entry,
			br: br !== undefined,
			gz: gz !== undefined,
			...(br !== undefined && { brotli_bytes: br }),
			...(gz !== undefined && { gzip_bytes: gz }),
		};
	}),
);
writeFileSync(join(folder, 'manifest.json'), JSON.stringify(entries, undefined, ' '));
