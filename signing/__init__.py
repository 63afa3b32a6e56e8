"""Signatures, digests and key formats of the Beckn and ONDC network. Imports nobody else's package here.

``header`` knows the grammar of the Authorization header, ``signature`` digests, signs and verifies, ``keys`` loads and
writes keys, ``challenge`` answers the registry during onboarding. Nothing here knows messages, servers or ``bpp``, and
nothing outside it imports a cryptographic library.
"""
