/** The demo shop as a visitor uses it, by its stable handles. */
import type { Page } from '../../driver/driver.ts';

/** A path of the shop, in English. */
export function shop(path: string): string {
	return `/shop/${path}${path.includes('?') ? '&' : '?'}lang=en`;
}

export const PRODUCT = shop('product/?id=sencha-100');
export const OTHER_PRODUCT = shop('product/?id=hojicha-80');

/** Puts the product of the page into the cart and waits until the shop says so. */
export async function addToCart(page: Page): Promise<void> {
	await page.click('#add-to-cart');
	await page.waitFor(() => document.querySelector('#cart-count')?.textContent?.match(/[1-9]/) && true, [], {
		what: 'something in the cart',
	});
}

/** From the cart that is there to the checkout's first step. */
export async function toCheckout(page: Page, edge: string): Promise<void> {
	await page.goto(edge + shop('checkout/'));
	await page.waitFor(() => document.querySelector('#sample') !== null, [], { what: 'the checkout' });
}

/** Types a coupon code at the checkout; the shop's answer is left on the page. */
export async function enterCoupon(page: Page, code: string): Promise<void> {
	await page.type('#coupon-code', code);
	await page.click('#coupon-apply');
	await page.waitFor(() => document.querySelector('#coupon-message:is(.applied, .refused)')?.textContent, [], {
		what: "the shop's answer about the coupon",
	});
}

/** From the checkout's first step to the thank-you page; the number of the order. */
export async function order(page: Page): Promise<string> {
	await page.click('#sample');
	await page.click('#to-payment');
	await page.click('#to-review');
	await page.click('#place-order');
	return String(
		await page.waitFor(() => document.querySelector('#order-id')?.textContent, [], { what: 'the thank-you page' }),
	);
}

/** Everything from a product page to the thank-you page. */
export async function buy(page: Page, edge: string): Promise<string> {
	await addToCart(page);
	await toCheckout(page, edge);
	return order(page);
}
