"""Reports a few calls by one of the published clients: report.py CLIENT KEY HOST."""

import sys

client, key, host = sys.argv[1:]
failures = []

if client == "segment":
    from segment.analytics.client import Client
else:
    from rudderstack.analytics.client import Client

analytics = Client(key, host=host, upload_size=3, on_error=lambda error, batch: failures.append(error))
user = client + "-python"
analytics.identify(user, {"plan": "pro", "name": "花"})
for i in range(5):
    analytics.track(
        user,
        "Order Completed",
        {"order_id": f"{user}-{i}", "total": 100, "products": [{"product_id": "t1", "price": 100}]},
    )
analytics.page(user, "Shop", "Home", {"url": "https://shop.example/"})
analytics.screen(user, "Shop", "Cart")
analytics.group(user, "g", {"size": 3})
analytics.alias(client + "-before", user)
analytics.flush()
analytics.join()
if failures:
    sys.exit(repr(failures))
