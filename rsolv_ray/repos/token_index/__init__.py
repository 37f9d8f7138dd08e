"""What the token index is made of: see `repos.corpus`, its face, and docs/token-index.md."""
