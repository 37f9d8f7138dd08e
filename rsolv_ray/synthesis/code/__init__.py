"""What does code say, and what did a fix change in it? Trees, calls, names, values, edits, places."""
