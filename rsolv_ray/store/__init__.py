"""Effects: what is kept, in one DuckDB file an org and one SQLite file for orgs, keys and audit."""
