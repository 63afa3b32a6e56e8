"""How a provider comes to be one, and what a worker must show. Pure."""
