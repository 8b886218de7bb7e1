/** What the browser would give, for unit tests. */

export interface FakeDisk {
	readonly storage: Storage;
	/** Makes every write fail, as a browser without room does. */
	full: boolean;
}

/** A Storage in memory, whose keys are its own properties as in a browser. */
export function fakeDisk(): FakeDisk {
	const methods = {
		getItem(this: Record<string, string>, key: string): string | null {
			return Object.hasOwn(this, key) ? this[key]! : null;
		},
		setItem(this: Record<string, string>, key: string, value: string): void {
			if (disk.full) throw new Error('QuotaExceededError');
			this[key] = value;
		},
		removeItem(this: Record<string, string>, key: string): void {
			delete this[key];
		},
	};
	const disk: FakeDisk = { storage: Object.create(methods) as Storage, full: false };
	return disk;
}
