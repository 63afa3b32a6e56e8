"""The engineer's pages: deliveries, peers, keys, health, figures."""
