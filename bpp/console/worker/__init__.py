"""A worker's pages: the day's jobs, availability, earnings."""
