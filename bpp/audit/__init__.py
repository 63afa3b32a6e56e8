"""The audit chain: what of the append-only tables is sealed, how seals follow one another, and what no longer holds."""
