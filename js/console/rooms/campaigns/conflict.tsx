/** Somebody else published the same campaign meanwhile: what they changed, and which of the two counts. */
import { t } from '../../words/index.ts';
import { say } from '../../ui/toast.tsx';
import { nameOf } from './actions.ts';
import { Diff } from './diff-view.tsx';
import { change, space } from './store.ts';
import { discard, keepMine, print, restore, SITE, type Item } from './workspace.ts';

export function Conflict({ one }: { one: Item }) {
	const draft = space.value.drafts.get(one.key);
	if (draft === undefined) return null;
	const head = t(one.key === SITE ? 'conflict_head_site' : 'conflict_head');
	const decide = (mine: boolean) => {
		const name = nameOf(one.key);
		change(mine ? keepMine(space.peek(), one.key) : discard(space.peek(), one.key));
		say({
			text: t(mine ? 'did_keep_mine' : 'did_take_theirs', { name }),
			action: { label: t('undo'), run: () => change(restore(space.peek(), one.key, draft)) },
		});
	};
	return (
		<section class="conflict" role="group" aria-label={head}>
			<h2>{head}</h2>
			<p>{one.live === undefined ? t('conflict_deleted') : t('conflict_about')}</p>
			<h3>{t('conflict_theirs')}</h3>
			<Diff
				before={draft.before === null ? '' : print(draft.before)}
				after={one.live === undefined ? '' : print(one.live.document)}
			/>
			{one.document ? (
				<>
					<h3>{t('conflict_mine')}</h3>
					<Diff before={one.live === undefined ? '' : print(one.live.document)} after={print(one.document)} />
				</>
			) : null}
			<div class="tools">
				<button type="button" onClick={() => decide(true)}>
					{t('keep_mine')}
				</button>
				<button type="button" onClick={() => decide(false)}>
					{t('take_theirs')}
				</button>
			</div>
		</section>
	);
}
