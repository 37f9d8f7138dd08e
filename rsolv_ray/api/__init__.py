"""The HTTP face: hostile bytes in, nouns out."""
