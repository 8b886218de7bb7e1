/** Two texts as what was taken away and what came. The signs carry the meaning, colour only repeats it. */
import { useMemo } from 'preact/hooks';
import { t } from '../../words/index.ts';
import { diffLines } from './diff.ts';

const SIGNS = { same: ' ', added: '+', removed: '−', gap: '' } as const;

export function Diff({ before, after }: { before: string; after: string }) {
	const lines = useMemo(() => diffLines(before, after), [before, after]);
	if (lines.length === 0) return <p class="fine">{t('diff_none')}</p>;
	return (
		<pre class="diff" tabIndex={0} lang="en">
			{lines.map((line, index) => (
				<div key={index} class={`diff-${line.kind}`}>
					{line.kind === 'gap' ? (
						t('diff_gap', { n: Number(line.text) })
					) : (
						<>
							<span class="sign">{SIGNS[line.kind]}</span>
							{line.text}
						</>
					)}
				</div>
			))}
		</pre>
	);
}
