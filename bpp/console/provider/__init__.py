"""A service provider's pages: orders to accept, workers, catalog, hours, wallet."""
