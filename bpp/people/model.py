"""Who signs in, and what a browser that has signed in is known by."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person is to Sewamitra; it decides which pages there are, and what is seen on them."""

    PROVIDER = "provider"
    WORKER = "worker"
    OPERATOR = "operator"
    ACCOUNTANT = "accountant"
    OFFICER = "officer"
    ENGINEER = "engineer"
    ADMIN = "admin"


STAFF = frozenset({Role.OPERATOR, Role.ACCOUNTANT, Role.OFFICER, Role.ENGINEER, Role.ADMIN})
"""Who works for the Samiti, and so signs in with a second factor."""


class Step(StrEnum):
    """How far a session has come. Only an ``OPEN`` one sees anything."""

    TOTP = "totp"
    """The password was right, the second factor is awaited."""
    ENROL = "enrol"
    """A second factor must be set up first."""
    PASSWORD = "password"  # noqa: S105  the name of a step
    """A password that somebody else has given must be changed first."""
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in.

    ``provider_id``, ``worker_id`` and ``district`` (LGD code) say whose data a provider, a worker or a district officer
    sees. ``password`` is an Argon2id hash in PHC form, empty for who signs in by telephone alone; ``given``: it was
    chosen by somebody else. ``totp`` is the sealed secret of the second factor with the id of its key, and
    ``totp_step`` the last time step whose code was taken, so that no code is taken twice (RFC 6238, 5.2).
    """

    id: str
    login: str
    name: str
    role: Role
    created_at: datetime
    provider_id: str = ""
    worker_id: str = ""
    district: str = ""
    language: str = ""
    password: str = ""
    given: bool = False
    totp: bytes | None = None
    totp_key: str = ""
    totp_step: int = 0
    failures: int = 0
    locked_until: datetime | None = None
    disabled: bool = False

    @property
    def has_totp(self) -> bool:
        """Whether a second factor is set up."""
        return self.totp is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that has signed in. Only the ``digest`` of its token is stored.

    It ends at ``ends_at``, or earlier where it was not seen for too long.
    """

    digest: str
    person_id: str
    step: Step
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A one-time code that was sent to a worker's telephone; ``sent`` counts those of the last while."""

    phone: str
    digest: str
    sent_at: datetime
    valid_until: datetime
    tries: int = 0
    sent: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInEvent:
    """What happened to a person at the door, for the audit. ``by`` is the login of who did it."""

    at: datetime
    person_id: str
    event: str
    by: str = ""
    detail: str = ""


SANDBOX_MARK = "sandbox:"
"""How the ids of the sandbox's people begin; nobody signs in with one outside the sandbox."""
SIGNED_IN = "signed_in"
"""The event of whoever came all the way in."""


def new_token() -> str:
    """The token of a browser: 256 bits that nobody can guess."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What of a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """What every form of a browser carries, and no other site can know."""
    return hmac.new(token.encode(), b"sewamitra console form", hashlib.sha256).hexdigest()
