/** What takes part in `bench page`: a way to put one tool on the demo shop, with one live campaign that does not fire. */

/** A request that a tool made to its company's server, answered here. */
export interface Asked {
	readonly method: string;
	/** Without the origin, with the query. */
	readonly path: string;
	readonly body: string;
	readonly origin: string | undefined;
}

export interface Answer {
	readonly status?: number;
	readonly type?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body: string | Uint8Array;
}

/** A file as it is served: compressed once, before anything is measured. */
export interface File {
	readonly type: string;
	readonly body: Uint8Array;
	readonly brotli?: Uint8Array;
	/** Kept for a year, as every tool's own server says of versioned files. */
	readonly immutable?: boolean;
}

export interface Contender {
	readonly name: string;
	/** Whether it can show anything to a visitor. */
	readonly shows: boolean;
	/** What stands in the head instead of Noren's line; `ORIGIN` becomes the page's origin. */
	readonly head: string;
	/** The tool's own files by address. */
	readonly files: ReadonlyMap<string, File>;
	/** Answers for the tool's company; undefined where there is nothing. */
	readonly answer?: (asked: Asked) => Answer | undefined | Promise<Answer | undefined>;
	/** What was stubbed and how it is known that the tool was live, for the report. */
	readonly told: string;
	/**
	 * Runs in the page after the load: true where the tool is up and holds its campaign. `asked` are the addresses that the stub has answered to
	 * this page. It sees nothing but its argument.
	 */
	readonly live?: (asked: readonly string[]) => boolean | Promise<boolean>;
	/** Whether visitors' movements and clicks are measured with it. */
	readonly interacts: boolean;
}

export const json = (body: unknown, headers?: Readonly<Record<string, string>>): Answer => ({
	type: 'application/json',
	body: JSON.stringify(body),
	...(headers && { headers }),
});
