"""A provider's rate list: what it sells and for how much, and what a list that was sent would do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from bpp.console.language import gettext, msg
from bpp.console.page import Page, Shown, Visit
from bpp.console.provider.common import OWNERS, provider_of
from bpp.core.world import World
from bpp.operator.files import File
from bpp.operator.imports import ExportQuery, ImportAnswer, ImportQuery, Looked, export_list, look, read_list
from bpp.operator.problems import not_found
from bpp.operator.routes import Query
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from catalog.model import Offering, SubService
from catalog.places import districts
from catalog.ratelist.outcome import Outcome
from catalog.ratelist.read import RateList
from catalog.ratelist.texts import columns
from catalog.services import SERVICES, SUB_SERVICES

MOST_ROWS = 500
"""Rows of a preview that are shown at once; the others by their outcome."""
OUTCOMES: Mapping[Outcome, str] = {
    "refused": msg("Not taken"),
    "held_back": msg("Waits for another row"),
    "not_served": msg("Cannot be sold here"),
    "new": msg("New"),
    "changed": msg("Changed"),
    "unchanged": msg("As before"),
}
"""What becomes of a row, in the order in which they are shown: what needs a hand first."""
LOOKS: Mapping[Outcome, str] = {
    "refused": "bad",
    "held_back": "bad",
    "not_served": "warn",
    "new": "good",
    "changed": "good",
    "unchanged": "",
}


class RatesQuery(Query):
    """Which offerings: those with a text in their names."""

    q: str = Field(default="", max_length=100)


class FileQuery(Query):
    """As what the list is given."""

    format: Literal["csv", "xlsx"] = "xlsx"


class PreviewQuery(Query):
    """Which rows."""

    show: Outcome | None = None


async def read_rates(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """What the provider sells, by trade."""
    del work
    provider = provider_of(visit, world)
    wanted = visit.query.q.casefold()
    found = [
        (SUB_SERVICES[one.sub_service_id], one)
        for one in world.catalog.offerings_of.get(provider.id, ())
        if wanted in f"{one.name} {one.name_hi} {one.id}".casefold()
    ]
    today = local_day(world.now)
    return {
        "provider": provider,
        "rows": sorted(found, key=lambda row: (row[0].service_id, row[1].id)),
        "services": SERVICES,
        "query": visit.query,
        "standing": {one.id: _standing(one, today) for _, one in found},
    }


def _standing(one: Offering, today: Any) -> tuple[str, str]:
    """How an offering stands, and how that looks."""
    if not one.active:
        return gettext("switched off"), "warn"
    if not one.valid_from <= today <= one.valid_until:
        return gettext("not in its time"), "warn"
    return (gettext("on ONDC"), "good") if one.on_network else (gettext("portal and helpline only"), "")


async def read_offering(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """One offering with its fees."""
    del work
    provider = provider_of(visit, world)
    one = world.catalog.offerings.get(visit.path["offering"])
    if one is None or one.provider_id != provider.id:
        raise not_found("offering", visit.path["offering"])
    known = districts()
    sub: SubService = SUB_SERVICES[one.sub_service_id]
    return {
        "provider": provider,
        "offering": one,
        "sub_service": sub,
        "service": SERVICES[sub.service_id],
        "areas": [(known[lgd], one.district_prices.get(lgd)) for lgd in one.districts or provider.districts],
        "standing": _standing(one, local_day(world.now)),
    }


async def read_file(visit: Visit, work: Work, world: World) -> Shown:
    """The list as a file, headed in the reader's language, to be changed and sent again."""
    query = ExportQuery(format=visit.query.format, language="hi" if visit.language == "hi" else "en")
    answer = await export_list(visit.call(query=query, id=provider_of(visit, world).id), work, world)
    assert isinstance(answer.content, File)  # noqa: S101  the call gives nothing else
    return answer.content


async def read_preview(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """What would come of a list that was sent: row by row what is published, what is not, and why."""
    provider = provider_of(visit, world)
    content = await kept_list(visit, work, world)
    looked = await asyncio.to_thread(looked_at, content, visit, world, ImportQuery(dry_run=True))
    answer = looked.answer
    show: Outcome | None = visit.query.show
    rows = [one for one in answer.rows if show in (None, one.outcome)]
    order = list(OUTCOMES)
    return {
        "provider": provider,
        "answer": answer,
        "rows": sorted(rows, key=lambda one: order.index(one.outcome))[:MOST_ROWS],
        "more": len(rows) > MOST_ROWS,
        "show": show,
        "outcomes": OUTCOMES,
        "looks": LOOKS,
        "headings": {name: one.heading[answer.language] for name, one in columns().items()},
        "named": SUB_SERVICES,
        "absent": [world.catalog.offerings[one] for one in answer.absent],
        "unmapped": _unmapped(answer),
        "takes": sum(answer.counts.get(one, 0) for one in ("new", "changed")),
        "faulty": sum(answer.counts.get(one, 0) for one in ("refused", "held_back")),
    }


def _unmapped(answer: ImportAnswer) -> Sequence[Any]:
    """The rows whose work could not be told."""
    kinds = {"unknown_service", "ambiguous_service", "unsure_service"}
    return [fault for row in answer.rows for fault in row.faults if fault.kind in kinds]


def kept_key(visit: Visit) -> str:
    """Under what a list is kept that was sent: for a day, with the answers of forms that are kept for a day too.

    A person has one for each provider, so that what is sent again and again fills nothing.
    """
    return f"rate-list\n{visit.path['provider']}\n{visit.person.id}"


async def kept_list(visit: Visit, work: Work, world: World) -> bytes:
    """The list that the path names by its digest; raises ApiProblem 404 where it is another's, or is kept no more."""
    kept = await work.keys.answer(kept_key(visit), world.now)
    if kept is None or kept[0] != visit.path["sheet"]:
        raise not_found("list", visit.path["sheet"])
    return kept[2]


def looked_at(content: bytes, visit: Visit, world: World, query: ImportQuery) -> Looked:
    """What a list does to the catalog as it is now, told in the reader's language. Long work for a thread."""
    rates: RateList = replace(read_list(content), language="hi" if visit.language == "hi" else "en")
    return look(replace(visit.call(query=query, id=visit.path["provider"]), body=rates), world)


RATES = "/provider/{provider}/rates"
LIST = "/provider/{provider}/rate-list"
PAGES = (
    Page(
        path=RATES,
        name="provider-rates",
        title=msg("Rate list"),
        roles=OWNERS,
        read=read_rates,
        template="provider_rates.html",
        query=RatesQuery,
    ),
    Page(
        path=f"{RATES}/{{offering}}",
        name="provider-offering",
        title=msg("Fee"),
        roles=OWNERS,
        read=read_offering,
        template="provider_offering.html",
    ),
    Page(
        path=f"{LIST}/file",
        name="provider-rates-file",
        title=msg("Rate list"),
        roles=OWNERS,
        read=read_file,
        template="",
        query=FileQuery,
    ),
    Page(
        path=f"{LIST}/{{sheet}}",
        name="provider-rates-preview",
        title=msg("What would come of this list"),
        roles=OWNERS,
        read=read_preview,
        template="provider_preview.html",
        query=PreviewQuery,
    ),
)
