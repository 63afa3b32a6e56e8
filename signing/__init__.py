"""Signatures, digests and key formats of the Beckn and ONDC network. Imports nobody else's package here."""
