"""From the socket to a trusted, typed message."""
