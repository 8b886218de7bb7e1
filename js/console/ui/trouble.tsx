/** An error as a sentence and the next step. The code stands beside it, small: it is what one quotes when asking for help. */
import type { ApiError } from '../api/http.ts';
import { t } from '../words/index.ts';
import { isWord } from '../words/en.ts';

export function Trouble({ error, onRetry }: { error: ApiError; onRetry?: (() => void) | undefined }) {
	return (
		<div class="trouble" role="alert">
			<p>
				<strong>{sentence(error)}</strong> {nextStep(error)}
			</p>
			<p class="fine">
				<code>
					{error.code}
					{error.status > 0 ? ` ${error.status}` : ''}
					{error.path === '' ? '' : ` ${error.path}`}
				</code>
				{error.message === '' ? null : <span> {error.message}</span>}
			</p>
			{onRetry === undefined ? null : (
				<button type="button" onClick={onRetry}>
					{t('try_again')}
				</button>
			)}
		</div>
	);
}

/** What happened. A code the table does not know is told as unexpected, with its code beside it. */
export function sentence(error: ApiError): string {
	const word = `error_${error.code}`;
	return isWord(word) ? t(word) : t('error_unexpected');
}

export function nextStep(error: ApiError): string {
	const word = `next_${error.code}`;
	return isWord(word) ? t(word) : t('next_unexpected');
}
