"""What the administrator's forms do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from pydantic import Field

from bpp.console.page import Acting, Done, Form, Visit
from bpp.core.people import add_person, give_password, give_place, known_place
from bpp.core.world import World
from bpp.operator.problems import ApiProblem, not_found
from bpp.people.accounts import AccountRefused, Place, newcomer
from bpp.people.model import Person, Role
from bpp.people.passwords import MADE_UP, hashed
from bpp.storage.ports import Work

PATH = "/console/people/"
CONFLICT, UNPROCESSABLE = 409, 422
MadeUp = Annotated[str, Field(pattern=MADE_UP)]
"""A password as the page made it up: nobody chooses one for somebody else."""


class PlaceForm(Form):
    """What somebody is, and whose data he or she sees."""

    role: Role
    provider_id: str = ""
    district: str = ""


class NewPersonForm(PlaceForm):
    """Somebody new."""

    login: str
    name: str
    password: MadeUp


class PasswordForm(Form):
    """Another password, as the page made it up."""

    password: MadeUp


def hash_password(visit: Visit, world: World) -> str:
    """The hash of the password of a form, made before the unit, since it takes its time."""
    del world
    return hashed(visit.form.password)


async def add(visit: Visit, work: Work, world: World) -> Done:
    """Let somebody new sign in."""
    form: NewPersonForm = visit.form
    try:
        place = known_place(_place(form), world.catalog.providers)
        person = newcomer(world.new_id(), form.login.casefold(), form.name, place, visit.prepared, world.now)
        await add_person(person, visit.person.login, work)
    except AccountRefused as refused:
        raise _problem(refused) from refused
    return Done(to=f"{PATH}{quote(person.id)}")


async def set_place(visit: Visit, work: Work, world: World) -> Done:
    """Another role, provider or district."""

    async def deed(person_id: str, by: str, work: Work, now: datetime) -> Person:
        place = known_place(_place(visit.form), world.catalog.providers)
        return await give_place(person_id, place, by, work, now)

    return await deed_of(deed)(visit, work, world)


async def set_password(visit: Visit, work: Work, world: World) -> Done:
    """Another password, told once."""

    async def deed(person_id: str, by: str, work: Work, now: datetime) -> Person:
        return await give_password(person_id, visit.prepared, by, work, now)

    return await deed_of(deed)(visit, work, world)


def deed_of(deed: Callable[[str, str, Work, datetime], Awaitable[Person]]) -> Acting:
    """What a button does to the person of the path, by whoever presses it."""

    async def act(visit: Visit, work: Work, world: World) -> Done:
        try:
            person = await deed(visit.path["person"], visit.person.login, work, world.now)
        except AccountRefused as refused:
            raise _problem(refused) from refused
        return Done(to=f"{PATH}{quote(person.id)}")

    return act


def _place(form: PlaceForm) -> Place:
    return Place(role=form.role, provider_id=form.provider_id, district=form.district)


def _problem(refused: AccountRefused) -> ApiProblem:
    if refused.code == "unknown_person":
        return not_found("person", "")
    status = UNPROCESSABLE if refused.field else CONFLICT
    return ApiProblem(status, refused.code, str(refused), path=refused.field)
