"""The console: pages for the people who make Sewamitra work, over the same functions as the operator API (ADR 52)."""
