/** The peers, each as its npm package has it, each with one live campaign, survey or message that nothing on the shop makes fire. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { json } from './contender.ts';
import type { Contender, File } from './contender.ts';
import { file } from './serve.ts';

/** A peer, or why it is not there. */
export type Peer = Contender | { readonly name: string; readonly absent: string };

type Maker = (packages: Packages) => Promise<Contender>;

class Packages {
	/** Each a node_modules: one for all, or one for each where they could not be installed together. */
	readonly #folders: readonly string[];

	constructor(folders: readonly string[]) {
		this.#folders = folders;
	}

	version(name: string): string {
		return (JSON.parse(this.text(`${name}/package.json`)) as { version: string }).version;
	}

	text(path: string): string {
		return readFileSync(this.path(path), 'utf8');
	}

	/** For what a package has and does not export. */
	path(path: string): string {
		const found = this.#folders.map((folder) => join(folder, path)).find((file) => existsSync(file));
		if (found === undefined) throw new Error(`${path} is not installed`);
		return found;
	}

	/** One classic script of a few lines and what they import, as small as esbuild makes it. */
	async bundle(contents: string): Promise<string> {
		const { outputFiles } = await build({
			stdin: { contents, resolveDir: '/' },
			nodePaths: [...this.#folders],
			bundle: true,
			minify: true,
			write: false,
			format: 'iife',
			platform: 'browser',
			target: 'es2020',
			legalComments: 'none',
			define: { 'process.env.NODE_ENV': '"production"' },
			logLevel: 'error',
		});
		return outputFiles[0]!.text;
	}
}

const files = (...given: readonly (readonly [string, string])[]): ReadonlyMap<string, File> =>
	new Map(given.map(([path, body]) => [path, file(path, body)]));

const script = (path: string, rest = ''): string => `<script async src="${path}"${rest}></script>`;

const NEVER = 'never-happens';

const growthbook: Maker = async (packages) => ({
	name: `GrowthBook ${packages.version('@growthbook/growthbook')}`,
	shows: false,
	interacts: true,
	head: script('/peer/auto.min.js', ' data-api-host="ORIGIN" data-client-key="sdk-bench"'),
	files: files(['/peer/auto.min.js', packages.text('@growthbook/growthbook/dist/bundles/auto.min.js')]),
	answer: ({ path }) =>
		path.startsWith('/api/features/')
			? json({
					status: 200,
					dateUpdated: '2026-01-01T00:00:00.000Z',
					features: {},
					experiments: [
						{
							key: 'bench',
							status: 'running',
							manual: false,
							condition: { plan: NEVER },
							variations: [{}, { domMutations: [{ selector: 'h1', action: 'set', attribute: 'html', value: 'x' }] }],
							weights: [0.5, 0.5],
							coverage: 1,
							hashAttribute: 'id',
							urlPatterns: [{ type: 'simple', include: true, pattern: '*' }],
						},
					],
				})
			: undefined,
	told: 'the payload of features, with one visual experiment for a plan nobody has; `_growthbook.getExperiments()` holds it',
	live: () => {
		const { _growthbook: made } = window as unknown as { _growthbook?: { getExperiments(): unknown[] } };
		return made?.getExperiments().length === 1;
	},
});

const segment: Maker = async (packages) => ({
	name: `Segment ${packages.version('@segment/analytics-next')}`,
	shows: false,
	interacts: true,
	head: script('/peer/segment.js'),
	files: files([
		'/peer/segment.js',
		await packages.bundle(`
			import { AnalyticsBrowser } from '@segment/analytics-next';
			const at = location.host;
			const made = (window.analytics = AnalyticsBrowser.load(
				{ writeKey: 'bench', cdnURL: location.origin + '/peer/cdn' },
				{ integrations: { 'Segment.io': { apiHost: at + '/peer/v1', protocol: 'http' } } },
			));
			made.page();
			made.ready().then(() => (window.segmentReady = true));
		`),
	]),
	answer: ({ path }) => {
		if (path.startsWith('/peer/cdn/')) {
			const io = { apiKey: 'bench', unbundledIntegrations: [], addBundledMetadata: true, versionSettings: {} };
			return json({ integrations: { 'Segment.io': io }, plan: { track: {}, identify: {} }, edgeFunction: {} });
		}
		return path.startsWith('/peer/v1/') ? json({ success: true }) : undefined;
	},
	told: 'settings of a source with Segment.io alone, and its tracking address; it says that it is ready and sent the page view. It has no campaigns',
	live: (asked) => {
		const { segmentReady } = window as unknown as { segmentReady?: boolean };
		return segmentReady === true && asked.some((path) => path.startsWith('/peer/v1/'));
	},
});

const posthog: Maker = async (packages) => ({
	name: `PostHog with surveys ${packages.version('posthog-js')}`,
	shows: true,
	interacts: true,
	head: script('/peer/posthog.js'),
	files: files(
		[
			'/peer/posthog.js',
			await packages.bundle(`
				import posthog from 'posthog-js';
				window.posthog = posthog;
				posthog.init('phc_bench', { api_host: location.origin, disable_session_recording: true });
			`),
		],
		[`/static/${packages.version('posthog-js')}/surveys.js`, packages.text('posthog-js/dist/surveys.js')],
	),
	answer: ({ path }) => {
		const config = {
			token: 'phc_bench',
			supportedCompression: ['gzip', 'gzip-js'],
			hasFeatureFlags: false,
			featureFlags: {},
			featureFlagPayloads: {},
			errorsWhileComputingFlags: false,
			flags: {},
			surveys: true,
			sessionRecording: false,
			capturePerformance: false,
			autocapture_opt_out: false,
			autocaptureExceptions: false,
			isAuthenticated: false,
			toolbarParams: {},
			siteApps: [],
			heatmaps: false,
			defaultIdentifiedOnly: true,
		};
		// Its script form of the settings is not there; it then takes the JSON.
		if (/^\/array\/[^/]+\/config(\?|$)/.test(path) || path.startsWith('/flags/')) return json(config);
		if (/^\/array\/[^/]+\/config\.js/.test(path)) {
			const text = JSON.stringify({ config, siteApps: [] });
			const body = `(function(){window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};window._POSTHOG_REMOTE_CONFIG['phc_bench']=${text}})()`;
			return { type: 'text/javascript', body };
		}
		if (path.startsWith('/api/surveys')) {
			return json({
				surveys: [
					{
						id: 'bench',
						name: 'bench',
						type: 'popover',
						questions: [{ id: 'q', type: 'open', question: 'Why?' }],
						conditions: { events: { values: [{ name: 'never-happens' }] } },
						appearance: {},
						start_date: '2026-01-01T00:00:00Z',
						end_date: null,
					},
				],
				survey_config: {},
			});
		}
		return /^\/(e|i|s)\//.test(path) ? json({ status: 1 }) : undefined;
	},
	told: 'remote settings (surveys on; recording, heat maps and performance off), flags, ingest, and one pop-over survey that waits for an event; its surveys.js was fetched and it holds the survey',
	live: async (asked) => {
		const made = (window as unknown as { posthog?: { getSurveys(to: (found: unknown[]) => void): void } }).posthog;
		const found = await new Promise<unknown[]>((resolve) => (made ? made.getSurveys(resolve) : resolve([])));
		return found.length === 1 && asked.some((path) => /^\/static\/.*surveys\.js/.test(path));
	},
});

const braze: Maker = async (packages) => ({
	name: `Braze ${packages.version('@braze/web-sdk')}`,
	shows: true,
	interacts: true,
	head: script('/peer/braze.js'),
	files: files([
		'/peer/braze.js',
		await packages.bundle(`
			import { initialize, automaticallyShowInAppMessages, openSession } from '@braze/web-sdk';
			initialize('00000000-0000-0000-0000-000000000000', { baseUrl: location.origin + '/api/v3', doNotLoadFontAwesome: true });
			automaticallyShowInAppMessages();
			openSession();
		`),
	]),
	answer: ({ path, body }) => {
		if (!path.startsWith('/api/v3/')) return undefined;
		const asked = JSON.parse(body || '{}') as { respond_with?: { config?: unknown; triggers?: unknown } };
		const config = {
			time: 1_700_000_000,
			attributes_blacklist: [],
			events_blacklist: [],
			purchases_blacklist: [],
			messaging_session_timeout: null,
			vapid_public_key: null,
			content_cards: { enabled: false },
			feature_flags: { enabled: false },
			banners: { enabled: false },
			sdk_debugger: { enabled: false },
			request_backoff: {},
		};
		const trigger = {
			id: 'bench',
			type: 'inapp',
			trigger_condition: [{ type: 'custom_event', data: { event_name: 'never-happens' } }],
			priority: 1,
			delay: 0,
			re_eligibility: -1,
			data: {
				message: 'An offer',
				message_close: 'SWIPE',
				slide_from: 'BOTTOM',
				type: 'MODAL',
				trigger_id: 'bench',
				duration: 5000,
				click_action: 'NONE',
			},
		};
		return json({
			...(asked.respond_with?.config !== undefined && { config }),
			...(asked.respond_with?.triggers !== undefined && { triggers: [trigger] }),
		});
	},
	told: 'its data address: settings, and one modal in-app message that waits for an event; the message is in its storage',
	live: () =>
		Object.entries(localStorage).some(
			([name, value]) => name.startsWith('ab.storage') && String(value).includes('never-happens'),
		),
});

const formbricks: Maker = async (packages) => ({
	name: `Formbricks ${packages.version('@formbricks/js')} with surveys ${packages.version('@formbricks/surveys')}`,
	shows: true,
	interacts: true,
	head: `${script('/peer/surveys.js')}${script('/peer/formbricks.js')}`,
	files: files(
		['/peer/surveys.js', packages.text('@formbricks/surveys/dist/index.umd.js')],
		[
			'/peer/formbricks.js',
			await packages.bundle(`
				import formbricks from '@formbricks/js';
				window.formbricks = formbricks;
				formbricks.init({ environmentId: 'bench', apiHost: location.origin });
			`),
		],
	),
	answer: ({ path }) => {
		if (!path.startsWith('/api/v1/client/')) return undefined;
		const survey = {
			id: 'bench',
			name: 'bench',
			type: 'web',
			status: 'inProgress',
			triggers: ['never-happens'],
			questions: [{ id: 'q', type: 'openText', headline: 'Why?', required: false }],
			inlineTriggers: null,
			displayOption: 'respondMultiple',
			recontactDays: null,
			displayPercentage: null,
			languages: [],
			styling: null,
			attributeFilters: [],
		};
		const state = {
			person: { id: 'p', userId: 'p' },
			session: { id: 's', createdAt: new Date(), expiresAt: new Date(Date.now() + 3_600_000) },
			surveys: [survey],
			noCodeActionClasses: [],
			product: { id: 'p', recontactDays: 0, clickOutsideClose: true, darkOverlay: false, placement: 'bottomRight' },
			attributes: {},
		};
		return json({ data: state });
	},
	told: 'the sync of its client interface, with one survey that waits for an action. 1.6 is the last whose core is on npm: from 2.0 the package is a loader for a script of its server. It would fetch the survey script when one fires; here it is loaded beside the core. It keeps the survey in its storage',
	live: () =>
		Object.values(localStorage).some((value) => String(value).includes('never-happens')) &&
		'formbricksSurveys' in window,
});

const gist: Maker = async (packages) => ({
	name: `Customer.io in-app ${packages.version('customerio-gist-web')}`,
	shows: true,
	interacts: true,
	head: script('/peer/gist.js'),
	files: files([
		'/peer/gist.js',
		(
			await packages.bundle(`
				import Gist from '${packages.path('customerio-gist-web/dist/gist.min.js')}';
				window.Gist = Gist.default || Gist.Gist || Gist;
				window.Gist.setup({ siteId: 'bench', dataCenter: 'us', env: 'prod', useAnonymousSession: true });
			`)
		).replaceAll(
			/https:\/\/(?:engine\.api|consumer\.cloud|realtime\.cloud|code|renderer)\.gist\.build/g,
			'https://ORIGIN',
		),
	]),
	answer: ({ path }) => {
		if (path.startsWith('/api/v4/users')) {
			const message = {
				queueId: 'q1',
				messageId: 'bench',
				priority: 1,
				userToken: 'u',
				properties: { gist: { routeRuleWeb: '^never-happens$', campaignId: 'c' } },
			};
			return json({ inAppMessages: [message], inboxMessages: [] }, { 'x-gist-queue-polling-interval': '600' });
		}
		return path.startsWith('/api/v1/') ? json({}) : undefined;
	},
	told: 'its queue, with one message for a page that is not the shop. Its fixed addresses (five) point at the stub. The queue is in its storage',
	live: () => Object.values(localStorage).some((value) => String(value).includes('never-happens')),
});

const clevertap: Maker = async (packages) => ({
	name: `CleverTap ${packages.version('clevertap-web-sdk')}`,
	shows: true,
	interacts: true,
	head: script('/peer/clevertap.js'),
	files: files([
		'/peer/clevertap.js',
		(
			await packages.bundle(`
				import clevertap from '${packages.path('clevertap-web-sdk/clevertap.min.js')}';
				window.clevertap = clevertap;
				clevertap.privacy.push({ optOut: false });
				clevertap.init('BENCH-000-000Z', '', location.host);
			`)
		).replaceAll(/(["'`])https:\1/g, '$1http:$1'),
	]),
	answer: ({ path }) => {
		if (!/^\/(a|r|defineVars)\b/.test(path)) return undefined;
		const campaign = {
			wzrk_id: 'never-happens_1',
			display: { wtarget_type: 1, layout: 1, efc: 1, delay: 0, isNative: false },
			msgContent: { type: 1, html: '<p>An offer</p>', templateType: 'exit' },
			window: {},
		};
		const told = JSON.stringify({ inapp_notifs: [campaign], arp: { id: 'BENCH-000-000Z' } });
		const body = `$WZRK_WR.s('bench-device',1700000000,true,1,false);$WZRK_WR.tr(${told});`;
		return { type: 'text/javascript', body };
	},
	told: 'its script-form answers: a session, and one exit-intent pop-up (the pointer never leaves). `https:` before its address became `http:`. It holds the campaign in its storage',
	live: () => Object.values(localStorage).some((value) => decodeURIComponent(String(value)).includes('never-happens')),
});

const MAKERS: Readonly<Record<string, Maker>> = {
	'customerio-gist-web': gist,
	'@formbricks/js': formbricks,
	'@growthbook/growthbook': growthbook,
	'@segment/analytics-next': segment,
	'@braze/web-sdk': braze,
	'clevertap-web-sdk': clevertap,
	'posthog-js': posthog,
};

/** All peers whose packages are in `folders`; `missing` says why a package is not. */
export async function peers(folders: readonly string[], missing: Readonly<Record<string, string>>): Promise<Peer[]> {
	const packages = new Packages(folders);
	const made: Peer[] = [];
	for (const [name, make] of Object.entries(MAKERS)) {
		try {
			made.push(await make(packages));
		} catch (error) {
			made.push({ name, absent: missing[name] ?? String(error).split('\n')[0]! });
		}
	}
	return made;
}

/** The library that names what visitors feel, as one script that leaves `webVitals`. */
export const vitalsScript = (folders: readonly string[]): string =>
	new Packages(folders).text('web-vitals/dist/web-vitals.iife.js');
