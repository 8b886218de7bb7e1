/** The peers' packages, as far as they are used here: they are installed only for the bench, and the rest is checked without them. */

declare module '@marcbachmann/cel-js' {
	export class Environment {
		constructor(options: { unlistedVariablesAreDyn: boolean });
		parse(expression: string): (context: object) => unknown;
	}
}

declare module 'json-logic-engine' {
	export class LogicEngine {
		build(logic: object): (context: object) => unknown;
	}
}

declare module 'json-logic-js' {
	const logic: { apply(logic: object, context: object): unknown };
	export default logic;
}

declare module '@growthbook/growthbook' {
	export function evalCondition(attributes: object, condition: object, savedGroups: object): boolean;
}

declare module 'sift' {
	export default function sift(query: object): (item: unknown) => boolean;
}

declare module 'json-rules-engine' {
	export class Engine {
		constructor(
			rules: readonly object[],
			options: { pathResolver: (value: Record<string, unknown>, path: string) => unknown },
		);
		addRule(rule: object): void;
		run(facts: object): Promise<unknown>;
	}
}

declare module '@gorules/zen-engine-wasm/dist/zen_engine_wasm.js' {
	export default function init(options: { module_or_path: Uint8Array }): Promise<{ memory: WebAssembly.Memory }>;
	export class Variable {
		constructor(context: object);
		evaluateExpression(expression: string): unknown;
		free(): void;
	}
}
