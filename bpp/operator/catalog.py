"""The catalog's owners: providers, workers and offerings; list, look, make, change.

Nothing is deleted: a provider is suspended, a worker or an offering made inactive, since orders refer to them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from bpp.core.empanelment import note
from bpp.core.world import World
from bpp.operator.auth import OFFICER
from bpp.operator.catalog_checks import checked_offering, checked_provider, checked_worker
from bpp.operator.documents import answer_model, change_model, given, input_model, made, page_model, shown
from bpp.operator.problems import CONFLICT, ApiProblem, invalid, not_found
from bpp.operator.routes import Answer, Call, Query, Route, check_role
from bpp.parties.model import Subject
from bpp.storage.ports import Directory, Work
from catalog.load import CatalogData
from catalog.model import Offering, Provider, Worker

OFFICERS = frozenset({OFFICER})


class CatalogQuery(Query):
    """Which page."""

    provider_id: str | None = Field(default=None, description="only what belongs to this provider")
    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: str | None = Field(default=None, description="`next` of the page before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One kind of value: where it is found, how it is checked and stored, and which fields stay for good.

    Changes of ``watched`` fields are written into the history of the value; those of an ``official`` one are an
    officer's. An offering has no history.
    """

    name: str
    word: str
    kind: Any
    rows: Callable[[CatalogData], tuple[Any, ...]]
    check: Callable[[Any, CatalogData], Any]
    put: Callable[[Directory, Any], Awaitable[None]]
    fixed: tuple[str, ...]
    derived: Mapping[str, Any]
    subject: Subject | None = None
    watched: tuple[str, ...] = ()
    official: bool = False

    async def list_all(self, call: Call, work: Work, world: World) -> Answer:
        """Values in the order of their ids."""
        del work
        query: CatalogQuery = call.query
        owner, after = query.provider_id, query.cursor or ""
        rows = sorted(self.rows(_seen(world)), key=lambda one: str(one.id))
        fitting = [one for one in rows if one.id > after and owner in (None, getattr(one, "provider_id", one.id))]
        page = fitting[: query.limit]
        more = page[-1].id if len(fitting) > len(page) else None
        return Answer(content={"items": [shown(one) for one in page], "next": more})

    async def get_one(self, call: Call, work: Work, world: World) -> Answer:
        """One value."""
        del work
        return Answer(content=shown(self._known(call, _seen(world))))

    async def create(self, call: Call, work: Work, world: World) -> Answer:
        """A new value; its id must be free."""
        data = await _locked(work)
        value = made(self.kind, call.body, **self.derived)
        if any(one.id == value.id for one in self.rows(data)):
            raise ApiProblem(CONFLICT, "exists", f"there is a {self.word} {value.id!r} already", path="id")
        value = self.check(value, data)
        await self.put(work.directory, value)
        await self._note("create", value, self.watched, call, work, world)
        return Answer(content=shown(value), status=201)

    async def change(self, call: Call, work: Work, world: World) -> Answer:
        """The fields named get a new value, the others stay."""
        data = await _locked(work)
        before = self._known(call, data)
        fields = given(call.body)
        for name in self.fixed:
            if fields.get(name, getattr(before, name)) != getattr(before, name):
                raise invalid("this cannot be changed", path=name, allowed=[str(getattr(before, name))])
        if "sub_service_id" in fields:
            fields.setdefault("category", "")  # the code follows the sub-service
        value = self.check(replace(before, **fields), data)
        watched = tuple(name for name in self.watched if getattr(value, name) != getattr(before, name))
        if watched and self.official:
            check_role(OFFICERS, call.caller)
        await self.put(work.directory, value)
        if watched:
            await self._note("change", value, watched, call, work, world)
        return Answer(content=shown(value))

    async def _note(
        self, event: str, value: Any, fields: tuple[str, ...], call: Call, work: Work, world: World
    ) -> None:
        """Write into the history what the fields are now; of what is more than a word, that it was set."""
        if self.subject is not None:
            now = {name: getattr(value, name) for name in fields}
            detail = {name: str(one) if isinstance(one, str | bool | date) else "set" for name, one in now.items()}
            await note(self.subject, value.id, event, call.caller.name, work, world, **detail)

    def _known(self, call: Call, data: CatalogData) -> Any:
        value = next((one for one in self.rows(data) if one.id == call.path["id"]), None)
        if value is None:
            raise not_found(self.word, call.path["id"])
        return value


COLLECTIONS = (
    Collection(
        name="providers",
        word="provider",
        kind=Provider,
        rows=lambda data: data.providers,
        check=checked_provider,
        put=lambda directory, value: directory.put_provider(value),
        fixed=("id",),
        derived={},
        subject="provider",
        watched=("status", "agreement_from", "agreement_until"),
        official=True,
    ),
    Collection(
        name="workers",
        word="worker",
        kind=Worker,
        rows=lambda data: data.workers,
        check=checked_worker,
        put=lambda directory, value: directory.put_worker(value),
        fixed=("id", "provider_id"),
        derived={},
        subject="worker",
        watched=("active", "available", "verification", "verified_until", "skills", "leaves", "engagements"),
    ),
    Collection(
        name="offerings",
        word="offering",
        kind=Offering,
        rows=lambda data: data.offerings,
        check=checked_offering,
        put=lambda directory, value: directory.put_offering(value),
        fixed=("id", "provider_id"),
        derived={"domain": ""},
    ),
)


def routes_of(kept: Collection) -> tuple[Route, ...]:
    """The four calls of a collection."""
    one, many = TypeAdapter(answer_model(kept.kind)), f"/{kept.name}"
    unsound = "a field is wrong, or refers to nothing"
    return (
        Route(
            method="GET",
            path=many,
            name=f"list-{kept.name}",
            tag="catalog",
            summary=f"All {kept.name}, by id",
            handler=kept.list_all,
            query=CatalogQuery,
            answer=TypeAdapter(page_model(kept.kind)),
        ),
        Route(
            method="POST",
            path=many,
            name=f"create-{kept.word}",
            tag="catalog",
            summary=f"A new {kept.word}",
            handler=kept.create,
            body=TypeAdapter(input_model(kept.kind)),
            answer=one,
            status=201,
            problems={409: "the id is taken", 422: unsound},
        ),
        Route(
            method="GET",
            path=f"{many}/{{id}}",
            name=f"get-{kept.word}",
            tag="catalog",
            summary=f"One {kept.word}",
            handler=kept.get_one,
            answer=one,
            problems={404: f"no such {kept.word}"},
        ),
        Route(
            method="PATCH",
            path=f"{many}/{{id}}",
            name=f"change-{kept.word}",
            tag="catalog",
            summary=f"Change the fields named of a {kept.word}",
            handler=kept.change,
            body=TypeAdapter(change_model(kept.kind)),
            answer=one,
            problems={404: f"no such {kept.word}", 422: unsound},
        ),
    )


def _seen(world: World) -> CatalogData:
    """The catalog as this unit of work sees it; in memory already, if its version is."""
    teams = world.catalog.workers_of.values()
    return CatalogData(
        providers=tuple(world.catalog.providers.values()),
        offerings=tuple(world.catalog.offerings.values()),
        workers=tuple(worker for team in teams for worker in team),
    )


async def _locked(work: Work) -> CatalogData:
    """The catalog as it is stored; whoever else changes it waits for the end of this unit."""
    await work.directory.changed()
    return await work.directory.load()


ROUTES = tuple(route for kept in COLLECTIONS for route in routes_of(kept))
