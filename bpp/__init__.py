"""The Beckn Provider Platform of Sewamitra: from a signed request to a stored, delivered, signed callback."""
