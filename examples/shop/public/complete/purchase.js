/*
 * Pushes the order of `?order=` as GA4's `purchase`, the way a shop's server
 * prints it into the head of its thank-you page: a classic script, so that it
 * has run before any async tag. Once per load, and again with the same
 * transaction_id when the page is reloaded, as real shops do.
 */
(function () {
	'use strict';
	var layer = (window.dataLayer = window.dataLayer || []);
	try {
		var id = new URLSearchParams(location.search).get('order');
		var orders = JSON.parse(localStorage.getItem('norendo.orders') || '[]');
		var order = orders.find(function (kept) {
			return kept.id === id;
		});
		if (order) {
			layer.push({ ecommerce: null });
			layer.push(order.purchase);
		}
	} catch (_) {
		// No storage, no order: the page says that it found none.
	}
})();
