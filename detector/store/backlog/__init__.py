"""The backlog of URLs to capture: its rows, leases, the order of claims, and rechecks of URLs that are done."""
