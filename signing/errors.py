"""What can go wrong with a signature, a key or a challenge. The reasons are for our own log, never for the peer."""

from __future__ import annotations


class SignatureError(Exception):
    """A signature header that does not hold.

    ``reason`` is one word of a closed set: ``malformed_header``, ``bad_scheme``, ``duplicate_param``,
    ``missing_param``, ``bad_key_id``, ``algorithm_mismatch``, ``bad_headers_param``, ``bad_timestamp``,
    ``bad_signature_encoding`` (the header); ``bad_window``, ``not_yet_valid``, ``expired`` (the time);
    ``unknown_key``, ``key_not_active``, ``wrong_role`` (the registry); ``signature_mismatch`` (the signature);
    ``missing_authorization``, ``multiple_authorization`` (the request). ``detail`` says in words what was found and
    what was expected, for the sender's engineer who holds the message in hand; empty where the reason says it all.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class KeyFormatError(ValueError):
    """A key that cannot be used. The text says why and never contains key material."""


class ChallengeError(Exception):
    """The registry's challenge cannot be answered; callers refuse uniformly, without saying why."""
