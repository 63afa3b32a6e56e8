"""What all of a provider's pages share: who may open them, whose they are, their addresses, and boxes to tick."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from bpp.console.page import Done, Form, Visit, outcome
from bpp.core.privacy import without_person
from bpp.core.world import World
from bpp.operator import catalog
from bpp.operator.documents import change_model
from bpp.operator.problems import UNPROCESSABLE, ApiProblem, not_found, of_validation
from bpp.operator.routes import Handler, Route
from bpp.people.model import Role
from bpp.storage.ports import Work
from catalog.model import Provider, Worker
from catalog.places import District, pincodes_of

OWNERS = frozenset({Role.PROVIDER, Role.OPERATOR, Role.OFFICER})
"""The provider itself, and the staff who look after providers (``bpp.operator.auth.STAFF``)."""
KEEPERS = frozenset({Role.OPERATOR, Role.OFFICER})
"""Who enters what the provider cannot say of itself: that somebody was verified or certified (rule R11)."""
SELLERS = frozenset({Role.PROVIDER, Role.OPERATOR})
"""Who speaks for the provider to customers: takes orders, refuses them, sends somebody."""
AT, ON = "at_", "day_"
"""How the boxes of districts and of weekdays begin."""
READERS = frozenset({Role.PROVIDER, Role.ACCOUNTANT})
"""Who sees the provider's money."""


class Boxes(Form):
    """A form with boxes to tick, named by what they stand for after a prefix; ``listed`` are those that were shown.

    What was not shown stays as it is, so that a list can be searched and ticked page by page.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    listed: str = ""

    def ticked(self, prefix: str) -> frozenset[str]:
        """What was ticked of the boxes with a prefix."""
        return frozenset(name.removeprefix(prefix) for name in self.model_extra or {} if name.startswith(prefix))

    def applied(self, before: Iterable[str], prefix: str) -> list[str]:
        """What is chosen after the form: of the boxes shown those ticked, of the others those chosen before."""
        kept = set(before) - set(self.listed.split())
        return sorted(kept | self.ticked(prefix))


def provider_of(visit: Visit, world: World) -> Provider:
    """The provider that the path names; raises ApiProblem 404."""
    key = visit.path["provider"]
    found = world.catalog.providers.get(key)
    if found is None:
        raise not_found("provider", key)
    return found


def worker_of(visit: Visit, world: World) -> Worker:
    """The worker that the path names, who is of the provider that it names; raises ApiProblem 404."""
    key = visit.path["worker"]
    found = world.catalog.worker(key)
    if found is None or found.provider_id != provider_of(visit, world).id:
        raise not_found("worker", key)
    return found


def known_as(worker: Worker, visit: Visit) -> str:
    """The name of a worker in a list: in full for the provider who registered him or her, else as lists show it."""
    return worker.name if visit.person.role is Role.PROVIDER else without_person(worker).name


def address(visit: Visit, *parts: str, **query: str) -> str:
    """The address of one of the provider's pages."""
    path = "/".join(quote(part, safe="") for part in (visit.path["provider"], *parts))
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"/console/provider/{path}{'?' if asked else ''}{asked}"


def asked_again(query: BaseModel) -> Mapping[str, str]:
    """What a page was asked for, as its query says it: to come back to the same after a deed."""
    return {name: str(value) for name, value in query.model_dump(mode="json", by_alias=True).items() if value}


def handler(routes: Iterable[Route], name: str) -> Handler:
    """The function of a call of the operator API, by the call's name."""
    return next(one.handler for one in routes if one.name == name)


def checked(model: type[BaseModel], fields: Mapping[str, Any]) -> Any:
    """A body of the operator API as its door would take it."""
    try:
        return model.model_validate_json(orjson.dumps(fields), strict=True)
    except ValidationError as invalid:
        raise of_validation(invalid) from invalid


@contextmanager
def at_our_fields(fields: Mapping[str, str] = MappingProxyType({})) -> Iterator[None]:
    """Tell what is refused at the field of our form: of a path in a body its last name, or what ``fields`` make of it.

    What is wrong with no field of the body is what still needs what would be taken away.
    """
    try:
        yield
    except ApiProblem as refused:
        error = refused.answer.error
        names = re.findall(r"[a-z_]+", error.path)
        field = names[-1] if names else ""
        still_needed = refused.status == UNPROCESSABLE and not field
        code = "still_needed" if still_needed else error.code
        told = fields.get(field, field)
        raise ApiProblem(refused.status, code, error.message, path=told, allowed=error.allowed) from refused


async def change_provider(
    visit: Visit,
    work: Work,
    world: World,
    to: str,
    *,
    fields: Mapping[str, str] = MappingProxyType({}),
    **values: Any,
) -> Done:
    """Change values of the provider that the path names; ``fields`` as ``at_our_fields`` has them."""
    with at_our_fields(fields):
        call = visit.call(body=checked(change_model(Provider), values), id=visit.path["provider"])
        return outcome(await handler(catalog.ROUTES, "change-provider")(call, work, world), to)


def found_by(one: District, text: str) -> bool:
    """Whether a district is found by a text: its names in both languages, its division, one of its pincodes."""
    return text.casefold() in names_of(one).casefold() or (text.isdecimal() and text in pincodes_of(one.lgd))


def names_of(one: District) -> str:
    """What a district is called, in both languages."""
    return " ".join((one.name_en, one.name_hi, one.division, *one.aliases))
