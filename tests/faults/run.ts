/** `cargo xtask faults`: as many kills as one likes, by a seed that is printed. */
import { session } from './session.ts';

const value = (name: string): string | undefined => {
	const place = process.argv.indexOf(name);
	return place < 0 ? undefined : process.argv[place + 1];
};

const kills = Number(value('--kills') ?? 200);
const seed = Number(value('--seed') ?? Date.now() % 1_000_000);
const visitors = Number(value('--visitors') ?? 24);
console.log(`${kills} kills, seed ${seed}, ${visitors} visitors`);
const began = performance.now();
try {
	const report = await session({ kills, seed, visitors }, (line) => console.log(`  ${line}`));
	const { harm } = report;
	console.log(`  ${report.events} events of pages and ${report.reported} of servers: acknowledged = stored = counted`);
	console.log(`  ${visitors} coupons, each once; ${report.messages} messages, each once and in order`);
	console.log(
		`  requests lost ${harm.requestsLost}, answers lost ${harm.answersLost}, repeated ${harm.repeated}, sockets cut ${harm.socketsCut}`,
	);
	console.log(
		`  ${report.requestsWithoutAnswer} requests had no answer, ${report.errors} were answered with an error and sent again`,
	);
	console.log(`  ${((performance.now() - began) / 1_000).toFixed(0)} s`);
} catch (error) {
	console.error(`  FAILED with seed ${seed}: run it again with --seed ${seed}`);
	console.error(error);
	process.exit(1);
}
