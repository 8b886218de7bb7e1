import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api, ApiError, chatAddress, errorFrom, liveAddress, type Send } from './http.ts';
import { waitBefore } from './socket.ts';

const answering =
	(status: number, body: string): Send =>
	async () =>
		new Response(body, { status });

async function failure(api: Promise<unknown>): Promise<ApiError> {
	const error = await api.then(
		() => undefined,
		(cause: unknown) => cause,
	);
	assert.ok(error instanceof ApiError);
	return error;
}

test('an error keeps the edge’s code, path, version and findings', () => {
	const error = errorFrom(409, '{"code":"version_conflict","message":"m","path":"/base","version":8}');
	assert.deepEqual([error.code, error.status, error.path, error.version], ['version_conflict', 409, '/base', 8]);
	assert.equal(errorFrom(422, '{"code":"campaigns_invalid","findings":[{}]}').findings.length, 1);
});

test('an answer that is no error body is told as unexpected, never thrown about', () => {
	for (const body of ['', '<html>', 'null', '[]', '{"code":5}']) assert.equal(errorFrom(502, body).code, 'unexpected');
});

test('no network is offline, nonsense is unexpected', async () => {
	const unreachable: Send = async () => {
		throw new TypeError('Failed to fetch');
	};
	assert.equal((await failure(new Api(unreachable).site('demo'))).code, 'offline');
	assert.equal((await failure(new Api(answering(200, '<html>')).site('demo'))).code, 'unexpected');
});

test('a question taken back is not an error of the network', async () => {
	const abort = new AbortController();
	const api = new Api((_, init) => {
		abort.abort();
		return Promise.reject(init.signal?.reason);
	});
	await assert.rejects(api.check('demo', [], {}, abort.signal), { name: 'AbortError' });
});

test('a session that ended is told wherever it is noticed, but not to those who only ask whether there is one', async () => {
	const api = new Api(answering(401, '{"code":"unauthorized","message":""}'));
	let told = 0;
	api.onSignedOut = () => (told += 1);
	await failure(api.session());
	assert.equal(told, 0);
	await failure(api.campaigns('demo'));
	assert.equal(told, 1);
});

test('names from outside stay inside their place of the address', async () => {
	const asked: string[] = [];
	const api = new Api(async (address) => {
		asked.push(address);
		return new Response('{"campaigns":[]}');
	});
	await api.numbers('a/../b?c', 5, 9);
	assert.deepEqual(asked, ['/noren/v1/admin/sites/a%2F..%2Fb%3Fc/numbers?from=5&until=9']);
	assert.equal(chatAddress('demo', 'a&b=c'), '/noren/v1/admin/sites/demo/chat?conversation=a%26b%3Dc');
	assert.equal(liveAddress('demo', 3), '/noren/v1/admin/sites/demo/live?shard=3');
});

test('waits grow, are spread, and stay bounded', () => {
	const longest = waitBefore(1_000, 0.999);
	for (let attempt = 0; attempt < 40; attempt += 1) {
		assert.ok(waitBefore(attempt, 0) < waitBefore(attempt, 0.9));
		assert.ok(waitBefore(attempt, 0) > 0 && waitBefore(attempt, 0.999) <= longest);
	}
	assert.ok(waitBefore(0, 0.999) < 1_000 && longest <= 15_000);
});
