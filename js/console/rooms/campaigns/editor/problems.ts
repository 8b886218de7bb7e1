/** Findings of the edge and slips of the writing as one list, each with its place in the text. */
import type { Finding } from '../../../api/types.ts';
import { outline, rangeOf, type Range, type SlipCode } from './outline.ts';

export interface Problem extends Range {
	readonly level: 'error' | 'warning';
	readonly code: string;
	readonly path: string;
	readonly message: string;
	readonly expected: string;
}

/**
 * What is wrong with a text. While it is not JSON only the slips count: what the edge said was about another text. `checked` is the
 * text the findings are about; findings about an older text keep their pointers and move with what they point to.
 */
export function problemsOf(
	text: string,
	findings: readonly Finding[],
	say: { slip: (code: SlipCode) => string; finding: (finding: Finding) => string },
): Problem[] {
	const read = outline(text);
	if (read.slips.length > 0) {
		return read.slips.map((slip) => ({
			from: slip.from,
			to: slip.to,
			level: 'error',
			code: slip.code,
			path: '',
			message: say.slip(slip.code),
			expected: '',
		}));
	}
	return findings
		.map((finding): Problem => {
			const { from, to } = rangeOf(read, finding.path);
			return {
				from,
				to,
				level: finding.level === 'warning' ? 'warning' : 'error',
				code: finding.code,
				path: finding.path,
				message: say.finding(finding),
				expected: finding.expected,
			};
		})
		.sort((a, b) => Number(a.level === 'warning') - Number(b.level === 'warning') || a.from - b.from);
}
