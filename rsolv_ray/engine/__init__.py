"""Semgrep, at arm's length: rules and code go in, matches come out, within limits."""
