/** Standard events as an operator would say them; any other name stays as it was sent. */
import { isWord } from './en.ts';
import { t } from './index.ts';

export function eventWord(name: string): string {
	const word = `event_${name}`;
	return isWord(word) ? t(word) : name;
}
