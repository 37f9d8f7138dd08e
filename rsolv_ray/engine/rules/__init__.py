"""What does a rule from outside say, and is it fit to be run? Told before any engine sees it."""
