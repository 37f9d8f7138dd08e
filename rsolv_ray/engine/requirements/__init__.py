"""Which words must a file hold so that a rule can fire in it? Told of the rule alone, and never too much."""
