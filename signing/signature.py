"""Digest, signing string, signing and verifying: the only digest and the only Ed25519 check of the program.

Everything is over the bytes of the body exactly as they are sent or as they came: nothing here sees parsed JSON.

Source: BECKN-006 Draft 04, "Example Flow"; ONDC-Official/developer-docs registry/signing-verification.md; that the
string is signed as it is, without hashing it first: beckn/protocol-specifications issue 196.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta

from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey

from signing.errors import SignatureError
from signing.header import KeyId, SignatureHeader
from signing.keys import SigningKey

BACKDATE = timedelta(seconds=5)
"""Own signatures are created this long ago, since peers with no tolerance refuse a clock that is slightly ahead."""

LIFETIME = timedelta(seconds=300)


def digest(body: bytes) -> str:
    """Standard base64 of the 64-byte BLAKE2b of the body, without key or salt (the network calls it BLAKE-512)."""
    return base64.b64encode(hashlib.blake2b(body, digest_size=64).digest()).decode()


def signing_string(body: bytes, created: int, expires: int, request_signature: str | None = None) -> bytes:
    r"""The text an Ed25519 signature covers: lines joined by "\n", without a final newline.

    ``created`` and ``expires`` are Unix seconds. ``request_signature`` adds the fourth line with which Beckn v2 binds
    an answer to the request's signature (NFH-007, draft of 2026-05); ONDC signs three lines.
    """
    return _text(digest(body), created, expires, request_signature)


def _text(digest: str, created: int, expires: int, request_signature: str | None = None) -> bytes:
    text = f"(created): {created}\n(expires): {expires}\ndigest: BLAKE-512={digest}"
    if request_signature is not None:
        text += f"\nrequest-signature: {request_signature}"
    return text.encode()


def sign(
    body: bytes,
    key: SigningKey,
    key_id: KeyId,
    now: datetime,
    lifetime: timedelta = LIFETIME,
    *,
    valid_until: datetime | None = None,
) -> str:
    """The value of the Authorization header for this body, valid for ``lifetime`` from ``now - BACKDATE``.

    ``valid_until`` is the end of the key's own validity, which ``expires`` never passes (BECKN-006).
    """
    return sign_digest(digest(body), key, key_id, now, lifetime, valid_until=valid_until)


def sign_digest(
    digest: str,
    key: SigningKey,
    key_id: KeyId,
    now: datetime,
    lifetime: timedelta = LIFETIME,
    *,
    valid_until: datetime | None = None,
) -> str:
    """The same for a body whose digest is known: a large one need not be read again."""
    created = int((now - BACKDATE).timestamp())
    expires = created + int(lifetime.total_seconds())
    if valid_until is not None:
        expires = min(expires, int(valid_until.timestamp()))
    signature = base64.b64encode(key.sign(_text(digest, created, expires))).decode()
    return str(SignatureHeader(key_id, created, expires, signature))


def sign_text(text: str, key: SigningKey) -> str:
    """Standard base64 of the signature over a bare text: the site verification's request id, vlookup's parameters."""
    return base64.b64encode(key.sign(text.encode())).decode()


def check_window(header: SignatureHeader, now: datetime, skew: timedelta, max_window: timedelta | None = None) -> None:
    """Refuse a signature from the future, one that has run out, and an empty window.

    ``skew`` is how far ``created`` may lie ahead of our clock; ``expires`` has no tolerance (BECKN-006 grants none at
    all, beckn-onix five seconds to ``created``). Real participants use windows of up to 600,000 s, so ``max_window``
    is off unless somebody asks for it.
    """
    seconds = int(now.timestamp())
    window = header.expires - header.created
    if window <= 0:
        raise SignatureError("bad_window", f"expires must be after created, it is {-window} s before it or the same")
    if max_window is not None and window > max_window.total_seconds():
        raise SignatureError("bad_window", f"{window} s, at most {max_window.total_seconds():g} s are accepted")
    ahead = header.created - seconds
    if ahead > skew.total_seconds():
        raise SignatureError("not_yet_valid", f"created is {ahead} s ahead, {skew.total_seconds():g} s are tolerated")
    if seconds > header.expires:
        raise SignatureError("expired", f"expires is {seconds - header.expires} s past, none is tolerated")


def verify(header: SignatureHeader, body: bytes, public_key: bytes, request_signature: str | None = None) -> None:
    """Raise ``SignatureError("signature_mismatch")`` unless the key made this signature over this body and window.

    ``public_key`` is the 32 raw bytes. libsodium is used since, unlike OpenSSL, it refuses keys of small order, with
    which one signature is valid for every message.
    """
    verify_digest(header, digest(body), public_key, request_signature)


def verify_digest(
    header: SignatureHeader, digest: str, public_key: bytes, request_signature: str | None = None
) -> None:
    """The same for a body whose digest is known."""
    text = _text(digest, header.created, header.expires, request_signature)
    if not made(text, header.signature_bytes, public_key):
        raise SignatureError("signature_mismatch")


def made(text: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether the key made the 64-byte signature over exactly this text."""
    try:
        VerifyKey(public_key).verify(text, signature)
    except (CryptoError, ValueError):
        return False
    return True
