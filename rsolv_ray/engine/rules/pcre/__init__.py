"""Regular expressions as rules write them: what they say, and along which paths a matcher goes through them."""
