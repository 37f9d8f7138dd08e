"""How are rules run over much code quickly? Only on files that can match, and only where the answer is not known yet."""
