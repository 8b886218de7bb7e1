/** Other tabs of the same site on this device. The channel is closed while a page lies in the back-forward cache, so as not to keep it out. */
import type { Life } from './life.ts';

/** An event (`e`: name, props, corrected time), a record that caps count (`r`: campaign, what, corrected time), or an answer for consent. */
export type TabMessage =
	| readonly ['e', string, Record<string, unknown>, number]
	| readonly ['r', string, number, number]
	| readonly ['c', unknown];

export interface Tabs {
	_tell(message: TabMessage): void;
	_open(): void;
	_close(): void;
}

export function createTabs(site: string, life: Life, heard: (message: TabMessage) => void): Tabs {
	let channel: BroadcastChannel | undefined;
	const tabs: Tabs = {
		_tell: (message) => channel?.postMessage(message),
		_open() {
			if (channel || typeof BroadcastChannel === 'undefined') return;
			channel = new BroadcastChannel('noren.' + site);
			channel.onmessage = ({ data }) => life._guard(() => heard(data as TabMessage));
		},
		_close() {
			channel?.close();
			channel = undefined;
		},
	};
	life._undo(tabs._close);
	return tabs;
}
