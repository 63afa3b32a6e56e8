"""The providers of a district: the list, one of them with all that an officer looks at, and its standing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from bpp.console.district.bounds import Days, cut, district_of
from bpp.console.district.reviews import MOST, reviews_of
from bpp.console.district.standing import fitness, for_sale, providers_of, standing
from bpp.console.district.words import FITNESS, HAPPENED, KINDS, STANDINGS, any_of, who
from bpp.console.page import Done, Form, Visit, outcome
from bpp.core.privacy import read_worker
from bpp.core.world import World
from bpp.operator import parties
from bpp.operator.party_models import Label, Reason, Renew, Restore, Suspend
from bpp.operator.problems import not_found
from bpp.operator.routes import Body, Query
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from catalog.model import Provider, Worker
from catalog.ranking import bayesian
from catalog.snapshot import service_id_of

A_YEAR = timedelta(days=364)
DAYS = 30
Number = Annotated[int, Field(ge=1, le=100_000)]


class ProvidersQuery(Query):
    """Which providers: by standing, by a part of the name or id; and which page of them."""

    standing: Literal["", "on_sale", "suspended", "lapsed"] = ""
    q: Annotated[str, Field(max_length=100)] = ""
    page: Number = 1


class WithReason(Form):
    """Why somebody's standing changes."""

    reason: Reason


class Renewal(Form):
    """A further agreement."""

    number: Label
    first: date
    until: date


async def read_providers(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The providers of a district, by name."""
    del work
    place, today = district_of(visit), local_day(world.now)
    query: ProvidersQuery = visit.query
    wanted = query.q.casefold()
    rows = [
        (one, standing(one, today), len(_here(one, place.lgd, world)))
        for one in providers_of(world.catalog, place.lgd)
        if wanted in f"{one.name} {one.name_hi} {one.id}".casefold()
    ]
    fitting = [row for row in rows if query.standing in ("", row[1])]
    return {
        "district": place,
        "list": cut(fitting, query.page),
        "asked": query,
        "standings": STANDINGS,
        "choices": any_of(STANDINGS),
        "rated": bayesian,
    }


async def read_provider(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """One provider: agreement, history, what it sells in the district today, its workers and what customers said.

    Whoever is shown by name leaves a row.
    """
    place, today = district_of(visit), local_day(world.now)
    provider = provider_of(visit, world)
    told = await parties.provider_history(visit.call(id=provider.id), work, world)
    sold, not_sold = for_sale(world.catalog, provider, place.lgd, today)
    here = [await read_worker(one, visit.caller.reader, work, world) for one in _here(provider, place.lgd, world)]
    month = Days(today - timedelta(days=DAYS - 1), today)
    booked = await work.figures.booked_with(place.lgd, month.begin, month.end)
    return {
        "district": place,
        "provider": provider,
        "standing": standing(provider, today),
        "standings": STANDINGS,
        "kinds": KINDS,
        "history": told.content,
        "happened": HAPPENED,
        "who": who,
        "sold": sold,
        "not_sold": not_sold,
        "service_of": service_id_of,
        "workers": [(one, fitness(one, today)) for one in here],
        "fitness": FITNESS,
        "booked": next((one for one in booked if one.provider_id == provider.id), None),
        "reviewed": await reviews_of(visit, "provider", provider.id, place.lgd, work, world),
        "most_reviews": MOST,
        "rated": bayesian,
        "days": DAYS,
        "today": today,
    }


async def read_agreement(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The agreements of a provider, and the form for the next."""
    place, provider = district_of(visit), provider_of(visit, world)
    told = await parties.provider_history(visit.call(id=provider.id), work, world)
    ends = min(provider.agreement_until, date.max - timedelta(days=1) - A_YEAR)  # one without an end is followed, too
    first = max(ends + timedelta(days=1), local_day(world.now))
    return {
        "district": place,
        "provider": provider,
        "history": told.content,
        "first": first,
        "until": first + A_YEAR,
    }


async def suspend(visit: Visit, work: Work, world: World) -> Done:
    """Take a provider out of the catalogue."""
    return await _stand(visit, Suspend(event="suspend", reason=visit.form.reason), work, world)


async def restore(visit: Visit, work: Work, world: World) -> Done:
    """Let a provider sell again."""
    return await _stand(visit, Restore(event="restore", reason=visit.form.reason), work, world)


async def renew(visit: Visit, work: Work, world: World) -> Done:
    """Enter a further agreement."""
    return await _stand(visit, Renew(event="renew", **dict(visit.form)), work, world)


def provider_of(visit: Visit, world: World) -> Provider:
    """The provider of the path, if it serves the district of the path."""
    found = world.catalog.providers.get(visit.path["provider"])
    if found is None or visit.path["district"] not in found.districts:
        raise not_found("provider", visit.path["provider"])
    return found


async def _stand(visit: Visit, body: Body, work: Work, world: World) -> Done:
    provider = provider_of(visit, world)
    answer = await parties.stand(visit.call(body=body, id=provider.id), work, world)
    return outcome(answer, f"/console/district/{visit.path['district']}/providers/{provider.id}")


def _here(provider: Provider, district: str, world: World) -> list[Worker]:
    return [one for one in world.catalog.workers_of.get(provider.id, ()) if district in one.districts]
