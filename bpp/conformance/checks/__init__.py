"""Checks, by what they look at: each a small function with the requirement it proves."""
