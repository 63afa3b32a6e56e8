"""The second factor of staff: time-based one-time passwords as authenticator apps make them (RFC 6238)."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS = 6
STEP = 30  # seconds
SECRET_BYTES = 20  # RFC 4226, 4: 160 bits
NEIGHBOURS = (0, -1, 1)
"""Steps whose code is taken too: a telephone's clock may be half a minute off (RFC 6238, 5.2)."""


def new_secret() -> bytes:
    """A secret to be shared with an authenticator app."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """The code of a time step."""
    # SHA-1 is what every authenticator app takes for granted; HMAC does not rest on what is broken in it.
    return TOTP(secret, DIGITS, SHA1(), STEP).generate(step * STEP).decode()  # noqa: S303


def step_of(code: str, secret: bytes, now: datetime, after: int) -> int | None:
    """The time step whose code this is, if it is later than ``after``; None for a wrong or used one."""
    current = int(now.timestamp()) // STEP
    found = None
    for offset in NEIGHBOURS:
        step = current + offset
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def base32(secret: bytes) -> str:
    """A secret as it is typed into an app, in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def link(secret: bytes, login: str, issuer: str) -> str:
    """What an app reads from a picture."""
    plain = base32(secret).replace(" ", "")
    label = f"{quote(issuer)}:{quote(login)}"
    return f"otpauth://totp/{label}?secret={plain}&issuer={quote(issuer)}&digits={DIGITS}&period={STEP}"
