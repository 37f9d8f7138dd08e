"""The dashboard: what an org has learned, in a browser, as it happens."""
