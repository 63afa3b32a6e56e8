"""Who may be somebody here: what a login is, and what each role needs to be told whose data it sees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bpp.people.model import Person, Role

LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,38}[a-z0-9])")
"""Three to forty characters. None has a colon, so that none is the id of a worker or of a person of the sandbox."""
LONGEST_NAME = 100
BY_PASSWORD = tuple(role for role in Role if role is not Role.WORKER)
"""Roles that somebody is given. Workers are those of the catalog, and sign in by their telephones alone."""


class AccountRefused(Exception):
    """Something about an account that is not done; nothing was changed.

    ``code`` says why, in one of the words of ``REFUSALS``; ``field`` is the field at fault.
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(REFUSALS[code])
        self.code = code
        self.field = field


REFUSALS = {
    "unknown_person": "nobody has this login or id",
    "login_form": "a login has three to forty of a-z, 0-9, dot, hyphen and underscore",
    "login_taken": "somebody else has this login",
    "name_form": "a name of at most a hundred characters is needed",
    "role_by_telephone": "workers sign in by the telephones that the catalog has; nobody is made one here",
    "unknown_provider": "there is no such provider",
    "unknown_district": "there is no such district",
    "last_administrator": "without this one no administrator would be left",
    "no_password": "a worker has no password",
}
"""Why something is not done, in words for programs and logs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What somebody is, and whose data he or she sees."""

    role: Role
    provider_id: str = ""
    district: str = ""


def newcomer(new_id: str, login: str, name: str, place: Place, stored: str, now: datetime) -> Person:
    """Somebody new, with the hash of a password that is told once and changed at the first sign-in.

    Raises AccountRefused for a login or a name that is none.
    """
    if not LOGIN.fullmatch(login):
        raise AccountRefused("login_form", "login")
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise AccountRefused("name_form", "name")
    return Person(
        id=f"person:{new_id}",
        login=login,
        name=name.strip(),
        role=place.role,
        created_at=now,
        provider_id=place.provider_id,
        district=place.district,
        password=stored,
        given=True,
    )


def needed(place: Place) -> Place:
    """A place with what its role needs and no more: a provider for its people, a district for an officer.

    Raises AccountRefused for a worker, and where something is missing.
    """
    if place.role is Role.WORKER:
        raise AccountRefused("role_by_telephone", "role")
    if place.role is Role.PROVIDER:
        if not place.provider_id:
            raise AccountRefused("unknown_provider", "provider_id")
        return Place(role=place.role, provider_id=place.provider_id)
    if place.role is Role.OFFICER:
        if not place.district:
            raise AccountRefused("unknown_district", "district")
        return Place(role=place.role, district=place.district)
    return Place(role=place.role)


def worker_login(worker_id: str) -> str:
    """The id, and the login, of a worker of the catalog as somebody who signs in."""
    return f"worker:{worker_id}"


def is_administrator(person: Person) -> bool:
    """Whether somebody may make others sign in, and be locked out by nobody but another of the kind."""
    return person.role is Role.ADMIN and not person.disabled
