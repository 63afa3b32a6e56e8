"""``bpp people``: who signs in to the console, straight on the database; so the first administrator comes to be."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable, Container
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bpp.cli.output import MISUSED, AsJson, fail, show, table
from bpp.people.accounts import BY_PASSWORD, AccountRefused, Place, newcomer
from bpp.people.door import locked
from bpp.people.model import Person, Role
from bpp.people.passwords import hashed, made_up
from bpp.settings import Settings, load_settings

if TYPE_CHECKING:
    from bpp.storage.ports import Work

T = TypeVar("T")
people = typer.Typer(no_args_is_help=True, help="Who signs in to the console; straight on the database.")

COLUMNS = ("login", "name", "role", "provider_id", "district", "state", "second_factor", "signed_in")
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="What the person signs in with.")]
Deed = Callable[[str, str, "Work", datetime], Awaitable[Person]]
"""What is done to a person of an id, by whom, when."""


@people.command("add")
def add(
    login: Login,
    *,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(BY_PASSWORD)}.")],
    name: Annotated[str, typer.Option(help="As it is shown to colleagues.")],
    provider: Annotated[str, typer.Option(metavar="PROVIDER", help="Id of the provider, for one of its people.")] = "",
    district: Annotated[str, typer.Option(metavar="LGD", help="Code of the district, for a district officer.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let somebody sign in: a password is made up and told once; the first sign-in asks for another.

    Example: bpp people add asha --role admin --name "Asha Verma"
    """
    from bpp.app import new_uuid  # noqa: PLC0415
    from bpp.core.people import add_person, known_place  # noqa: PLC0415  heavy: only this command waits for it

    if role not in BY_PASSWORD:
        fail(f"--role {role}: one of {', '.join(BY_PASSWORD)} is expected", status=MISUSED)
    password, now = made_up(), datetime.now(UTC)
    stored = hashed(password)

    async def unit(work: Work) -> Person:
        asked = Place(role=Role(role), provider_id=provider, district=district)
        place = known_place(asked, await _providers(work) if provider else ())
        person = newcomer(new_uuid(), login.casefold(), name, place, stored, now)
        await add_person(person, _by(), work)
        return person

    person = _done(unit, as_json=as_json)
    _tell(person, password, now, f"{person.login} may sign in as {person.role}", as_json=as_json)


@people.command("list")
def list_people(
    *,
    role: Annotated[str, typer.Option(help="Only this role.")] = "",
    text: Annotated[str, typer.Option(help="Only who has this in login or name.")] = "",
    after: Annotated[str, typer.Option(help="The last login of the page before.")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    as_json: AsJson = False,
) -> None:
    """Who may sign in, and how each stands.

    Example: bpp people list --role operator
    """
    from bpp.storage.ports_people import PersonFilter  # noqa: PLC0415  heavy: only this command waits for it

    if role and role not in tuple(Role):
        fail(f"--role {role}: one of {', '.join(Role)} is expected", status=MISUSED)
    which = PersonFilter(role=Role(role) if role else None, text=text, after=after, limit=limit + 1)
    now = datetime.now(UTC)

    async def unit(work: Work) -> list[dict[str, Any]]:
        found = await work.people.listed(which)
        signed_in = await work.people.signed_in([one.id for one in found])
        return [{**_shown(one, now), "signed_in": _moment(signed_in.get(one.id))} for one in found]

    rows = _done(unit, as_json=as_json)
    page = rows[:limit]
    following = page[-1]["login"] if len(rows) > limit else None
    text = table(page, COLUMNS, empty="nobody")
    show(
        {"items": page, "next": following}, f"{text}\nmore: --after {following}" if following else text, as_json=as_json
    )


@people.command("password")
def password(login: Login, *, as_json: AsJson = False) -> None:
    """A new password for somebody who forgot it, told once; it also unlocks. Every browser of theirs is signed out.

    Example: bpp people password asha
    """
    from bpp.core.people import give_password  # noqa: PLC0415  heavy: only this command waits for it

    made, now = made_up(), datetime.now(UTC)
    stored = hashed(made)

    async def deed(person_id: str, by: str, work: Work, now: datetime) -> Person:
        return await give_password(person_id, stored, by, work, now)

    person = _done(_to(login, deed, now), as_json=as_json)
    _tell(person, made, now, f"{person.login} has a new password", as_json=as_json)


@people.command("unlock")
def unlock(login: Login, *, as_json: AsJson = False) -> None:
    """Let somebody try again at once after too many wrong passwords or codes.

    Example: bpp people unlock asha
    """
    from bpp.core.people import unlock as deed  # noqa: PLC0415  heavy: only this command waits for it

    _do(login, deed, "may try again", as_json=as_json)


@people.command("disable")
def disable(login: Login, *, as_json: AsJson = False) -> None:
    """Let somebody in no more, and out at once. The last administrator stays.

    Example: bpp people disable asha
    """
    from bpp.core.people import disable as deed  # noqa: PLC0415  heavy: only this command waits for it

    _do(login, deed, "is disabled and signed out", as_json=as_json)


@people.command("enable")
def enable(login: Login, *, as_json: AsJson = False) -> None:
    """Let somebody in again.

    Example: bpp people enable asha
    """
    from bpp.core.people import enable as deed  # noqa: PLC0415  heavy: only this command waits for it

    _do(login, deed, "may sign in again", as_json=as_json)


@people.command("reset-totp")
def reset_totp(login: Login, *, as_json: AsJson = False) -> None:
    """Take away the second factor of somebody who lost the telephone; staff set up another at the next sign-in.

    Example: bpp people reset-totp asha
    """
    from bpp.core.people import take_second_factor as deed  # noqa: PLC0415  heavy: only this command waits for it

    _do(login, deed, "has no second factor now", as_json=as_json)


def _do(login: str, deed: Deed, words: str, *, as_json: bool) -> None:
    now = datetime.now(UTC)
    person = _done(_to(login, deed, now), as_json=as_json)
    show(_shown(person, now), f"{person.login} {words}", as_json=as_json)


def _to(login: str, deed: Deed, now: datetime) -> Callable[[Work], Awaitable[Person]]:
    async def unit(work: Work) -> Person:
        await work.people.administrators()  # in the order in which the deeds lock
        found = await work.people.by_login(login.casefold())
        if found is None:
            raise AccountRefused("unknown_person")
        return await deed(found.id, _by(), work, now)

    return unit


def _done(unit: Callable[[Work], Awaitable[T]], *, as_json: bool) -> T:
    settings = load_settings(os.environ)
    try:
        return asyncio.run(_on_the_database(settings, unit))
    except AccountRefused as refused:
        return fail(str(refused), document={"problem": refused.code, "field": refused.field}, as_json=as_json)


async def _on_the_database(settings: Settings, unit: Callable[[Work], Awaitable[T]]) -> T:
    from bpp.storage.engine import open_storage, upgrade  # noqa: PLC0415  heavy: only this command waits for it

    await upgrade(settings.database_url)
    storage = open_storage(settings.database_url)
    try:
        return await storage.run(unit)
    finally:
        await storage.close()


async def _providers(work: Work) -> Container[str]:
    return {one.id for one in (await work.directory.load()).providers}


def _tell(person: Person, made: str, now: datetime, words: str, *, as_json: bool) -> None:
    lines = (words, f"password: {made}", "It is told this once, and must be changed at the first sign-in.")
    show({**_shown(person, now), "password": made}, "\n".join(lines), as_json=as_json)


def _shown(person: Person, now: datetime) -> dict[str, Any]:
    return {
        "id": person.id,
        "login": person.login,
        "name": person.name,
        "role": person.role.value,
        "provider_id": person.provider_id,
        "worker_id": person.worker_id,
        "district": person.district,
        "state": "disabled" if person.disabled else "locked" if locked(person, now) else "active",
        "locked_until": _moment(person.locked_until),
        "second_factor": person.has_totp,
        "given_password": person.given,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _by() -> str:
    """Who does it, for the audit: not a login of ours, but the account on this machine."""
    return f"bpp:{getpass.getuser()}"
