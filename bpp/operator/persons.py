"""The rights of a data principal: what is held of a telephone number, and forgetting it (``bpp.core.principal``)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.principal import NoNumber, StillOpen, as_document, erase, export, number_of
from bpp.core.world import World
from bpp.operator.problems import CONFLICT, ApiProblem, invalid
from bpp.operator.routes import Answer, Body, Call, Route
from bpp.storage.ports import Work

Record = dict[str, Any]


class Person(Body):
    """Who asks, by the telephone number with which orders were made."""

    phone: str = Field(description="as it is said or written; +91 and spaces make no difference")


class PersonExport(BaseModel):
    """Everything that is held of a number. Records are as they are stored."""

    phone: str
    made_at: str
    orders: list[Record] = Field(description="orders with their timelines")
    projects: list[Record] = Field(description="project work with its history")
    selections: list[Record] = Field(description="selections that led to no order yet")
    complaints: list[Record] = Field(description="complaints noted in timelines, before they had tickets")
    tickets: list[Record] = Field(description="complaints with all that was said and done")
    reviews: list[Record]
    messages: list[Record] = Field(description="messages of the network about them, with their bodies while these last")
    reads: list[Record] = Field(description="who saw these records in full, and when")


class PersonErased(BaseModel):
    """How many records were forgotten. What tax law keeps is left of each: prices, times, places of account."""

    orders: int
    projects: int
    drafts: int
    messages: int


async def export_person(call: Call, work: Work, world: World) -> Answer:
    """Everything that is held of a number."""
    held = await export(_number(call), (), call.caller.reader, world.now, work)
    return Answer(content=PersonExport.model_validate(as_document(held, world.now)))


async def erase_person(call: Call, work: Work, world: World) -> Answer:
    """Forget a person."""
    try:
        erased = await erase(_number(call), (), call.caller.reader, world.now, work)
    except StillOpen as refusal:
        raise ApiProblem(CONFLICT, "still_open", str(refusal), path="phone", allowed=refusal.refs) from refusal
    return Answer(
        content=PersonErased(
            orders=erased.orders, projects=erased.projects, drafts=erased.drafts, messages=erased.messages
        )
    )


def _number(call: Call) -> str:
    try:
        return number_of(call.body.phone)
    except NoNumber as problem:
        raise invalid(str(problem), path="phone") from problem


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/persons/export",
        name="export-person",
        tag="persons",
        summary="Everything that is held of a telephone number; conversations without an order only `bpp person` finds",
        handler=export_person,
        body=TypeAdapter(Person),
        answer=TypeAdapter(PersonExport),
        roles=frozenset({"supervisor"}),
        secret=True,
    ),
    Route(
        method="POST",
        path="/persons/erase",
        name="erase-person",
        tag="persons",
        summary="Forget a person: names, numbers, addresses and words go, what tax law keeps stays",
        handler=erase_person,
        body=TypeAdapter(Person),
        answer=TypeAdapter(PersonErased),
        problems={409: "something of the person is still under way; `allowed` has its references"},
        roles=frozenset({"supervisor"}),
    ),
)
