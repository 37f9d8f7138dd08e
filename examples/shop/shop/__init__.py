"""The back end of a small tea shop."""
