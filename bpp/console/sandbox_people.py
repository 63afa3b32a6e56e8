"""Somebody for each role in the sandbox, so that whoever tries it can sign in at once; refused everywhere else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bpp.people.model import SANDBOX_MARK, Person, Role
from bpp.people.passwords import hashed, made_up
from bpp.storage.ports import Storage, Work
from bpp.storage.ports_people import PersonFilter
from bpp.tokens import kept_text, operator_token_file

PASSWORD_FILE = "console-password"  # noqa: S105  the name of a file
DISTRICT = "162"  # Lucknow, by the Local Government Directory
PEOPLE = (
    ("operator", "Call-centre operator", Role.OPERATOR),
    ("accountant", "Accountant", Role.ACCOUNTANT),
    ("officer", "District officer", Role.OFFICER),
    ("engineer", "Engineer", Role.ENGINEER),
    ("admin", "Administrator", Role.ADMIN),
    ("provider", "Provider", Role.PROVIDER),
)


def sandbox_password(database_url: str) -> str:
    """The password of everybody in the sandbox: the one kept beside the database, or a new one."""
    return kept_text(password_file(database_url), made_up)[0]


def password_file(database_url: str) -> Path:
    """Where it is kept."""
    return operator_token_file(database_url).with_name(PASSWORD_FILE)


async def add_sandbox_people(storage: Storage, password: str, now: datetime) -> None:
    """Store somebody for each role, where nobody is known yet."""
    if await storage.read(lambda work: work.people.listed(PersonFilter(limit=1))):
        return
    stored = hashed(password)

    async def unit(work: Work) -> None:
        catalog = await work.directory.load()
        provider = min((one.id for one in catalog.providers), default="")
        for login, name, role in PEOPLE:
            if role is Role.PROVIDER and not provider:
                continue
            await work.people.add(_person(login, name, role, stored, provider, now))

    await storage.run(unit)


def _person(login: str, name: str, role: Role, stored: str, provider: str, now: datetime) -> Person:
    return Person(
        id=f"{SANDBOX_MARK}{login}",
        login=login,
        name=name,
        role=role,
        created_at=now,
        password=stored,
        provider_id=provider if role is Role.PROVIDER else "",
        district=DISTRICT if role is Role.OFFICER else "",
    )
