"""How fast and how large is a running service? Measured over HTTP, as its users meet it."""
