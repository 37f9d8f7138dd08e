"""Actors: the plain classes that do the work, and the shell that keeps them alive. With `app.py` the only place that knows Ray."""
