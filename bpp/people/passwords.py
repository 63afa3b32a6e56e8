"""Passwords: Argon2id with the parameters of OWASP's password storage sheet or better; each check takes about 0.1 s."""

from __future__ import annotations

import secrets
import unicodedata

import nacl.exceptions
from nacl.pwhash import argon2id

SHORTEST = 12
"""Characters: NIST SP 800-63B-4, 3.1.1.2, asks for fifteen where a password is all, eight beside a second factor."""
LONGEST = 128
_OPS = argon2id.OPSLIMIT_INTERACTIVE
_MEMORY = argon2id.MEMLIMIT_INTERACTIVE  # 64 MiB
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
MADE_UP = f"^[{_ALPHABET}]{{4}}(-[{_ALPHABET}]{{4}}){{3}}$"
"""What ``made_up`` makes."""


class WeakPassword(Exception):
    """A password that is not taken; ``code`` says why: ``short``, ``long`` or ``like_login``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_new(password: str, login: str) -> None:
    """Raise WeakPassword for one that is too short or too long, or is made of the login.

    No rule on kinds of characters: NIST SP 800-63B-4 forbids them, since they make passwords weaker.
    """
    if len(password) < SHORTEST:
        raise WeakPassword("short")
    if len(password) > LONGEST:
        raise WeakPassword("long")
    if login and login.casefold() in password.casefold():
        raise WeakPassword("like_login")


def hashed(password: str) -> str:
    """The hash of a password with its salt and parameters, in PHC form."""
    return argon2id.str(_bytes(password), opslimit=_OPS, memlimit=_MEMORY).decode().rstrip("\0")


def is_right(password: str, stored: str) -> bool:
    """Whether a password is that of a hash. Takes as long where there is none, so that time tells nothing."""
    try:
        return argon2id.verify((stored or NOBODYS).encode(), _bytes(password)) and bool(stored)
    except (nacl.exceptions.InvalidkeyError, nacl.exceptions.ValueError):
        return False


def _bytes(password: str) -> bytes:
    """One form of what two keyboards write differently, as they do nukta in Hindi (NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode()


def made_up() -> str:
    """A password to be told once and changed at the first sign-in: 80 bits, easy to read out."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


NOBODYS = "$argon2id$v=19$m=65536,t=2,p=1$c2V3YW1pdHJhLW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""A hash that no password has, with the same cost."""
