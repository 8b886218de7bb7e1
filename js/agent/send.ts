/**
 * Sending so that it outlives the page. A string body goes as text/plain: the request stays CORS-simple and needs no preflight.
 * `undefined` when the browser took the body without promising an answer.
 */
export function sendLast(url: string, body: string, credentials: RequestCredentials): Promise<Response> | undefined {
	if ('keepalive' in Request.prototype) {
		return fetch(url, { method: 'POST', body, keepalive: true, credentials });
	}
	navigator.sendBeacon(url, body);
	return undefined;
}
