"""``bpp bench``: what a round trip costs, as ratios of one run (ADR 0039; docs/benchmark.md says how to read them).

Everything is on loopback and ends by itself. The servers under test, the load generator and PostgreSQL are processes
of their own; only these are ever stopped, each by its process id.
"""
