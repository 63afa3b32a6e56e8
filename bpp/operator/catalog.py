"""The catalog's owners: providers, workers and offerings; list, look, make, change.

Nothing is deleted: a provider is suspended, a worker or an offering made inactive, since orders refer to them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from heapq import nsmallest
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from bpp.core.empanelment import note
from bpp.core.people import telephone_changed
from bpp.core.privacy import read_worker, without_person
from bpp.core.sign_in import workers_of
from bpp.core.world import World
from bpp.operator.auth import OFFICERS, STAFF
from bpp.operator.catalog_checks import checked_offering, checked_provider, checked_worker
from bpp.operator.documents import answer_model, change_model, given, input_model, made, page_model, shown
from bpp.operator.problems import CONFLICT, ApiProblem, invalid, not_found
from bpp.operator.routes import Answer, Call, Query, Route, check_role
from bpp.orders.phones import normalised
from bpp.parties.model import Subject
from bpp.storage.ports import Directory, Work
from catalog.model import Offering, Provider, Worker
from catalog.snapshot import Catalog


class CatalogQuery(Query):
    """Which page."""

    provider_id: str | None = Field(default=None, description="only what belongs to this provider")
    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: str | None = Field(default=None, description="`next` of the page before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One kind of value: where it is found, how it is checked and stored, and which fields stay for good.

    ``masked``, where its values are people: one as whoever need not know them sees it, and as each list shows it.
    Changes of ``watched`` fields are written into the history of the value; those of ``official`` ones are an
    officer's. Who makes a new one is one of ``makers``. An offering has no history.
    """

    name: str
    word: str
    kind: Any
    values: Callable[[Catalog], Mapping[str, Any]]
    check: Callable[[Any, Catalog], Any]
    put: Callable[[Directory, Any], Awaitable[None]]
    fixed: tuple[str, ...]
    derived: Mapping[str, Any]
    masked: Callable[[Any], Any] | None = None
    subject: Subject | None = None
    watched: tuple[str, ...] = ()
    official: tuple[str, ...] = ()
    makers: frozenset[str] = STAFF

    async def list_all(self, call: Call, work: Work, world: World) -> Answer:
        """Values in the order of their ids."""
        del work
        query: CatalogQuery = call.query
        owner, after = query.provider_id, query.cursor or ""
        values = self.values(world.catalog)
        fitting = (
            key for key, one in values.items() if key > after and owner in (None, getattr(one, "provider_id", key))
        )
        ids = nsmallest(query.limit + 1, fitting)
        page = [values[key] for key in ids[: query.limit]]
        more = page[-1].id if len(ids) > len(page) else None
        listed = map(self.masked, page) if self.masked else page
        return Answer(content={"items": [shown(one) for one in listed], "next": more})

    async def get_one(self, call: Call, work: Work, world: World) -> Answer:
        """One value."""
        return Answer(content=await self._told(self._known(call, world.catalog), call, work, world))

    async def create(self, call: Call, work: Work, world: World) -> Answer:
        """A new value; its id must be free."""
        value = made(self.kind, call.body, **self.derived)
        if value.id in self.values(world.catalog):
            raise ApiProblem(CONFLICT, "exists", f"there is a {self.word} {value.id!r} already", path="id")
        value = self.check(value, world.catalog)
        _check_telephone(value, None, world)
        await self.put(work.directory, value)
        await self._note("create", value, self.watched, call, work, world)
        return Answer(content=await self._told(value, call, work, world), status=201)

    async def change(self, call: Call, work: Work, world: World) -> Answer:
        """The fields named get a new value, the others stay."""
        before = self._known(call, world.catalog)
        fields = given(call.body)
        for name in self.fixed:
            if fields.get(name, getattr(before, name)) != getattr(before, name):
                raise invalid("this cannot be changed", path=name, allowed=[str(getattr(before, name))])
        if "sub_service_id" in fields:
            fields.setdefault("category", "")  # the code follows the sub-service
        value = self.check(replace(before, **fields), world.catalog)
        watched = tuple(name for name in self.watched if getattr(value, name) != getattr(before, name))
        if set(watched) & set(self.official):
            check_role(OFFICERS, call.caller)
        _check_telephone(value, before, world)
        await self.put(work.directory, value)
        if isinstance(value, Worker) and normalised(value.phone) != normalised(before.phone):
            await telephone_changed(value.id, call.caller.name, work, world.now)
        if watched:
            await self._note("change", value, watched, call, work, world)
        return Answer(content=await self._told(value, call, work, world))

    async def _note(
        self, event: str, value: Any, fields: tuple[str, ...], call: Call, work: Work, world: World
    ) -> None:
        """Write into the history what the fields are now; of what is more than a word, that it was set."""
        if self.subject is not None:
            now = {name: getattr(value, name) for name in fields}
            detail = {name: str(one) if isinstance(one, str | bool | date) else "set" for name, one in now.items()}
            await note(self.subject, value.id, event, call.caller.name, work, world, **detail)

    async def _told(self, value: Any, call: Call, work: Work, world: World) -> Any:
        """A value as the caller may see it; a person in full leaves a row."""
        if self.masked is None:
            return shown(value)
        return shown(await read_worker(value, call.caller.reader, work, world))

    def _known(self, call: Call, catalog: Catalog) -> Any:
        value = self.values(catalog).get(call.path["id"])
        if value is None:
            raise not_found(self.word, call.path["id"])
        return value


def _check_telephone(value: Any, before: Any, world: World) -> None:
    """Raise ApiProblem 409 where another worker has this one's telephone: with a number of two neither signs in."""
    if not isinstance(value, Worker) or not value.active:
        return
    if before is not None and before.active and normalised(value.phone) == normalised(before.phone):
        return
    if any(one.id != value.id for one in workers_of(value.phone, world)):
        raise ApiProblem(CONFLICT, "phone_taken", "another worker signs in with this number", path="phone")


COLLECTIONS = (
    Collection(
        name="providers",
        word="provider",
        kind=Provider,
        values=lambda catalog: catalog.providers,
        check=checked_provider,
        put=lambda directory, value: directory.put_provider(value),
        fixed=("id",),
        derived={},
        subject="provider",
        watched=("status", "agreement_from", "agreement_until"),
        official=("status", "agreement_from", "agreement_until"),
        makers=OFFICERS,
    ),
    Collection(
        name="workers",
        word="worker",
        kind=Worker,
        values=lambda catalog: catalog.workers,
        check=checked_worker,
        put=lambda directory, value: directory.put_worker(value),
        fixed=("id", "provider_id"),
        derived={},
        masked=without_person,
        subject="worker",
        watched=("active", "available", "verification", "verified_until", "skills", "leaves", "engagements"),
        official=("active",),
    ),
    Collection(
        name="offerings",
        word="offering",
        kind=Offering,
        values=lambda catalog: catalog.offerings,
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
            alters_catalog=True,
            problems={409: "the id is taken", 422: unsound},
            roles=kept.makers,
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
            audited=kept.masked is not None,
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
            alters_catalog=True,
            problems={404: f"no such {kept.word}", 422: unsound},
            roles=STAFF,
        ),
    )


ROUTES = tuple(route for kept in COLLECTIONS for route in routes_of(kept))
