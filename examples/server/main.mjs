/**
 * main.mjs redeem CODE ORDER TOTAL | main.mjs numbers
 *
 * NOREN_URL, NOREN_SITE (else `demo`) and NOREN_TOKEN say where and who. Exit code: 0 well, 1 the coupon was refused, 2 could not ask.
 */
import { Noren, NorenError } from './noren.mjs';

const { NOREN_URL: url, NOREN_SITE: site = 'demo', NOREN_TOKEN: token } = process.env;
const [what, ...words] = process.argv.slice(2);

function usage() {
	console.error('usage: NOREN_URL=... NOREN_TOKEN=... node main.mjs redeem CODE ORDER TOTAL | numbers');
	return 2;
}

const percent = (share) => `${(share * 100).toFixed(1)}%`;
const interval = (estimate) =>
	estimate === null ? '-' : `${percent(estimate.value)} (${percent(estimate.low)} to ${percent(estimate.high)})`;

async function main() {
	if (!url || !token) return usage();
	const noren = new Noren(url, site, token);
	if (what === 'redeem' && words.length === 3 && Number.isFinite(Number(words[2]))) {
		const answer = await noren.redeem(words[0], words[1], Number(words[2]));
		console.log(JSON.stringify(answer));
		return answer.ok ? 0 : 1;
	}
	if (what === 'numbers') {
		for (const row of await noren.numbers()) {
			const arm = row.arm === 'control' ? 'control' : row.variant;
			console.log(
				`${row.id} #${row.phase} ${arm}: ${row.converted} of ${row.visitors}, rate ${interval(row.rate)}, against control ${interval(row.lift)}`,
			);
		}
		return 0;
	}
	return usage();
}

try {
	process.exitCode = await main();
} catch (error) {
	if (!(error instanceof NorenError)) throw error;
	console.error(`${error.code}: ${error.message}`);
	process.exitCode = 2;
}
