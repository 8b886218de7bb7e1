/** Where the console begins: take the token out of the address, then open the door. */
import { render } from 'preact';
import { App } from './app/app.tsx';
import { applyPrefs } from './app/prefs.ts';
import { followAddress } from './app/route.ts';
import { enter, takeToken } from './app/session.ts';
import './main.css';

const token = takeToken();
applyPrefs();
followAddress();
// A sign-in link opened over a page that is already there changes only the address.
addEventListener('hashchange', () => {
	const late = takeToken();
	if (late !== undefined) void enter(late);
});
const root = document.getElementById('console');
if (root !== null) render(<App />, root);
void enter(token);
