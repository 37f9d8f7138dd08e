"""One module a noun: what may be asked of it over HTTP."""
