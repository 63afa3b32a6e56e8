"""Rate lists of providers: taken in with a dry run first, and given out in the same form."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.rate_lists import Options, RateListOf, Taken, look_at, store
from bpp.core.world import World
from bpp.operator.auth import STAFF
from bpp.operator.files import CSV, XLSX, File, GivesFile, TakesFile
from bpp.operator.problems import UNPROCESSABLE, ApiProblem, not_found
from bpp.operator.routes import Answer, Call, Query, Route
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from catalog.ratelist.outcome import Outcome
from catalog.ratelist.read import RateList, read_rate_list
from catalog.ratelist.sheet import MOST_BYTES, RateListError
from catalog.ratelist.texts import Language
from catalog.ratelist.write import Form, write_rate_list

MEDIA_TYPES: dict[Form, str] = {"csv": CSV, "xlsx": XLSX}


class ImportQuery(Query):
    """How a list is taken."""

    dry_run: bool = Field(default=False, description="only say what would come of it")
    skip_faulty: bool = Field(default=False, description="import the sound rows although others are refused")
    replace: bool = Field(
        default=False, description="make inactive what the list leaves out; never while a row is refused"
    )


class ExportQuery(Query):
    """In which form a list is given."""

    format: Form = Field(default="csv", description="csv or xlsx")
    language: Language = Field(default="hi", description="of headings and words")


class FaultShown(BaseModel):
    """Why a row is refused, in the language of the list."""

    row: int
    column: str = Field(description="as it is headed in the sheet")
    field: str = Field(description="the column's name here")
    kind: str = Field(description="a stable word for programs", examples=["price_zero"])
    text: str
    candidates: list[str] = Field(description="ids that may have been meant")


class ChangeShown(BaseModel):
    """A field that gets another value."""

    field: str
    before: str
    after: str


class RowShown(BaseModel):
    """What becomes of a row."""

    row: int = Field(description="its number in the sheet")
    outcome: Outcome
    text: str = Field(description="a sentence in the language of the list")
    offering_id: str
    sub_service_id: str
    name: str
    domain: str
    category: str = Field(description="the code or wildcard it is published under")
    changes: list[ChangeShown]
    assumed: dict[str, str] = Field(description="what the list does not give, with what was taken")
    faults: list[FaultShown]


class ImportAnswer(BaseModel):
    """What came, or would come, of a list."""

    dry_run: bool
    language: Language
    counts: dict[Outcome, int] = Field(description="rows by outcome")
    stored: list[str] = Field(description="offerings stored; in a dry run those that would be")
    absent: list[str] = Field(description="active offerings that the list leaves out")
    unused: list[str] = Field(description="headings that mean nothing here")
    rows: list[RowShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A list that was looked at, what it does, and the answer that says so."""

    came: RateListOf
    taken: Taken
    answer: ImportAnswer


def look(call: Call, world: World) -> Looked:
    """What a list would do to the catalog as it is now, said row by row."""
    query: ImportQuery = call.query
    options = Options(dry_run=query.dry_run, skip_faulty=query.skip_faulty, replace=query.replace)
    provider_id = call.path["id"]
    came = RateListOf(rates=call.body, provider_id=provider_id, options=options, today=local_day(world.now))
    taken = look_at(came, world.catalog)
    if taken is None:
        raise not_found("provider", provider_id)
    return Looked(came=came, taken=taken, answer=shown(taken, dry_run=query.dry_run))


def _only_looks(call: Call) -> bool:
    query: ImportQuery = call.query
    return query.dry_run


async def import_list(call: Call, work: Work, world: World) -> Answer:
    """Store what a provider's list does, unless it is a dry run."""
    looked: Looked = call.prepared
    if looked.came.options.dry_run:
        return Answer(content=looked.answer)
    taken = await store(looked.came, looked.taken, world.catalog, work)
    if taken is looked.taken:
        return Answer(content=looked.answer)
    if taken is None:
        raise not_found("provider", looked.came.provider_id)
    return Answer(content=shown(taken, dry_run=False))


async def export_list(call: Call, work: Work, world: World) -> Answer:
    """A provider's offerings as a list."""
    del work
    query: ExportQuery = call.query
    provider_id = call.path["id"]
    if provider_id not in world.catalog.providers:
        raise not_found("provider", provider_id)
    offerings = world.catalog.offerings_of.get(provider_id, ())
    content = await asyncio.to_thread(write_rate_list, offerings, query.format, query.language)
    name = f"{provider_id}-rates.{query.format}"
    return Answer(content=File(content=content, media_type=MEDIA_TYPES[query.format], name=name))


def shown(taken: Taken, *, dry_run: bool) -> ImportAnswer:
    """A result as it is answered; the command line prints the same with ``--json``."""
    checked = taken.checked
    rows = [
        RowShown(
            row=one.number,
            outcome=one.outcome,
            text=one.text,
            offering_id=one.offering_id,
            sub_service_id=one.sub_service_id,
            name=one.name,
            domain=one.domain,
            category=one.category,
            changes=[ChangeShown(field=made.field, before=made.before, after=made.after) for made in one.changes],
            assumed=dict(one.assumed),
            faults=[
                FaultShown(
                    row=fault.row,
                    column=fault.column,
                    field=fault.field,
                    kind=fault.kind,
                    text=fault.text,
                    candidates=list(fault.candidates),
                )
                for fault in one.faults
            ],
        )
        for one in checked.rows
    ]
    return ImportAnswer(
        dry_run=dry_run,
        language=checked.language,
        counts=dict(checked.counts),
        stored=[one.id for one in taken.stored],
        absent=[one.id for one in checked.absent],
        unused=list(checked.unused),
        rows=rows,
    )


def read_list(content: bytes) -> RateList:
    """A rate list of the bytes of a file; raises ApiProblem 422 for what is none."""
    try:
        return read_rate_list(content)
    except RateListError as problem:
        raise ApiProblem(UNPROCESSABLE, problem.kind, str(problem)) from problem


PATH = "/providers/{id}/rate-list"
ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path=PATH,
        name="send-rate-list",
        tag="catalog",
        summary="Take a provider's rate list, CSV or XLSX; with dry_run only say what would come of it",
        handler=import_list,
        query=ImportQuery,
        body=TakesFile(media_types=(CSV, XLSX), most=MOST_BYTES, read=read_list),
        answer=TypeAdapter(ImportAnswer),
        alters_catalog=True,
        prepare=look,
        only_looks=_only_looks,
        problems={404: "no such provider", 422: "a parameter is wrong, or the file is no rate list"},
        roles=STAFF,
    ),
    Route(
        method="GET",
        path=PATH,
        name="get-rate-list",
        tag="catalog",
        summary="A provider's offerings as a rate list",
        handler=export_list,
        query=ExportQuery,
        answer=GivesFile(media_types=(CSV, XLSX)),
        problems={404: "no such provider"},
    ),
)
