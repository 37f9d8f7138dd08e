"""Nouns: frozen values that check themselves, with no input or output of their own."""
