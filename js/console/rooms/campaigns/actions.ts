/** What can be done to a campaign from any room; each says what it did and how to take it back. */
import type { Document } from '../../api/types.ts';
import { go, route } from '../../app/route.ts';
import { say } from '../../ui/toast.tsx';
import { t, textOf } from '../../words/index.ts';
import { change, space } from './store.ts';
import { add, discard, duplicate, item, remove, restore, setStatus, SITE } from './workspace.ts';

/** The name people know it by. */
export function nameOf(key: string): string {
	if (key === SITE) return t('room_site');
	const one = item(space.value, key);
	return textOf(one.name) || one.id;
}

/** Say what is about to be done to a draft, with the way back to how it is now. */
export function undoable(key: string, text: string): void {
	const before = space.peek().drafts.get(key);
	say({
		text,
		action: {
			label: t('undo'),
			run: () => change(restore(space.peek(), key, before)),
		},
	});
}

export function pauseOrResume(key: string): void {
	const one = item(space.peek(), key);
	const status = one.status === 'paused' ? 'live' : 'paused';
	const next = setStatus(space.peek(), key, status);
	if (next === undefined) {
		say({ text: t('cannot_while_broken', { name: nameOf(key) }) });
		return;
	}
	undoable(key, t(status === 'paused' ? 'did_pause' : 'did_resume', { name: nameOf(key) }));
	change(next);
}

export function deleteCampaign(key: string): void {
	undoable(key, t('did_delete', { name: nameOf(key) }));
	const next = remove(space.peek(), key);
	change(next);
	if (route.peek().item === key) go('campaigns');
}

export function discardDraft(key: string): void {
	undoable(key, t('did_discard', { name: nameOf(key) }));
	const live = item(space.peek(), key).live;
	change(discard(space.peek(), key));
	if (live === undefined && route.peek().item === key) go('campaigns');
}

export function copyCampaign(key: string): void {
	const copied = duplicate(space.peek(), key);
	if (copied === undefined) {
		say({ text: t('cannot_while_broken', { name: nameOf(key) }) });
		return;
	}
	const name = nameOf(key);
	change(copied.space);
	undoAdds(copied.key, t('did_copy', { name }));
	go('campaigns', copied.key);
}

export function newCampaign(document: Document): void {
	const added = add(space.peek(), document);
	change(added.space);
	undoAdds(added.key, t('did_add', { name: nameOf(added.key) }));
	go('campaigns', added.key);
}

/** The undo of something that was not there before. */
function undoAdds(key: string, text: string): void {
	say({
		text,
		action: {
			label: t('undo'),
			run: () => {
				change(discard(space.peek(), key));
				if (route.peek().item === key) go('campaigns');
			},
		},
	});
}
