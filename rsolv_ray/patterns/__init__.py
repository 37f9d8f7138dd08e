"""What has been fixed before that looks like this? Code as unit vectors, and how a new one stands among those known."""
