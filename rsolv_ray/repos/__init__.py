"""Repositories: where they may be, how they are fetched, and which of their files are looked at."""
