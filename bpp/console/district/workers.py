"""The workers of a district: the list, one of them with papers and history, standing, and papers that come in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from bpp.console.district.bounds import cut, district_of
from bpp.console.district.providers import Number, WithReason
from bpp.console.district.reviews import MOST, reviews_of
from bpp.console.district.standing import fitness, services_of, workers_of
from bpp.console.district.words import FITNESS, HAPPENED, STAGES, any_of, who
from bpp.console.page import Done, Form, Visit, outcome
from bpp.console.shown import named
from bpp.core.privacy import read_worker
from bpp.core.world import World
from bpp.operator import workers as api
from bpp.operator.party_models import Label, Link, Restore, Service, SuspendWorker
from bpp.operator.problems import not_found
from bpp.operator.routes import Body, Query
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from catalog.model import Worker
from catalog.ranking import bayesian
from catalog.services import SERVICES

A_YEAR = timedelta(days=365)
CALLS = {route.name: route.handler for route in api.ROUTES}
"""The calls of the operator API by their names."""


class WorkersQuery(Query):
    """Which workers: by fitness, by a part of the name or id; and which page of them."""

    fitness: Literal["", "verified", "unverified", "suspended"] = ""
    q: Annotated[str, Field(max_length=100)] = ""
    page: Number = 1


class Suspension(WithReason):
    """Why, and whether visits that are booked go to others at once."""

    reassign: bool = False


class Verification(Form):
    """A police verification as it stands on its paper."""

    number: Label
    until: date
    url: Link = ""


class Certificate(Verification):
    """A certificate in a service."""

    service_id: Service


class PaperQuery(Query):
    """The service of the certificate that is about to lapse."""

    service_id: str = ""


async def read_workers(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The workers of a district, by name; whoever is shown by name leaves a row."""
    place, today = district_of(visit), local_day(world.now)
    query: WorkersQuery = visit.query
    wanted = query.q.casefold()
    fitting = [
        (one, fitness(one, today))
        for one in workers_of(world.catalog, place.lgd)
        if wanted in f"{one.name} {one.id}".casefold() and query.fitness in ("", fitness(one, today))
    ]
    page = cut(fitting, query.page)
    for one, _ in page.items:
        await read_worker(one, visit.caller.reader, work, world)
    return {
        "district": place,
        "list": page,
        "asked": query,
        "fitness": FITNESS,
        "choices": any_of(FITNESS),
        "providers": world.catalog.providers,
        "rated": bayesian,
        "services": SERVICES,
        "today": today,
    }


async def read_one(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """One worker in full: papers, standing, history, what customers said, and bookings that others must do."""
    place, today = district_of(visit), local_day(world.now)
    worker = await read_worker(worker_of(visit, world), visit.caller.reader, work, world)
    history = await api.worker_history(visit.call(id=worker.id), work, world)
    told = await api.affected_bookings(visit.call(id=worker.id), work, world)
    affected = told.content.affected  # type: ignore[union-attr]
    here = await work.figures.orders_within(place.lgd, [one.ref for one in affected])
    others = [one for one in world.catalog.workers_of[worker.provider_id] if one.id != worker.id]
    without = services_of([worker], place.lgd, today) - services_of(others, place.lgd, today)
    return {
        "district": place,
        "worker": worker,
        "provider": world.catalog.providers[worker.provider_id],
        "fit": fitness(worker, today),
        "fitness": FITNESS,
        "services": SERVICES,
        "alone": [SERVICES[key] for key in sorted(without)],
        "history": history.content,
        "happened": HAPPENED,
        "who": who,
        "affected": [one for one in affected if one.ref in here],
        "stages": STAGES,
        "reviewed": await reviews_of(visit, "worker", worker.id, place.lgd, work, world),
        "most_reviews": MOST,
        "rated": bayesian,
        "today": today,
    }


async def read_paper_form(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """A worker, and the form for a paper of his or hers."""
    place = district_of(visit)
    worker = await read_worker(worker_of(visit, world), visit.caller.reader, work, world)
    return {
        "district": place,
        "worker": worker,
        "services": [(key, named(one)) for key, one in SERVICES.items()],
        "asked": visit.query,
        "until": local_day(world.now) + A_YEAR,
    }


async def suspend(visit: Visit, work: Work, world: World) -> Done:
    """Send a worker to nobody from now on."""
    form: Suspension = visit.form
    return await _done(
        "worker-standing",
        SuspendWorker(event="suspend", reason=form.reason, reassign=form.reassign),
        visit,
        work,
        world,
    )


async def restore(visit: Visit, work: Work, world: World) -> Done:
    """Let a worker be sent again."""
    return await _done("worker-standing", Restore(event="restore", reason=visit.form.reason), visit, work, world)


async def verify(visit: Visit, work: Work, world: World) -> Done:
    """Record a police verification."""
    return await _done("verify-worker", api.Verification(**dict(visit.form)), visit, work, world)


async def certify(visit: Visit, work: Work, world: World) -> Done:
    """Record a certificate."""
    return await _done("certify-worker", api.Certificate(**dict(visit.form)), visit, work, world)


def worker_of(visit: Visit, world: World) -> Worker:
    """The worker of the path, if registered for the district of the path."""
    found = world.catalog.worker(visit.path["worker"])
    if found is None or visit.path["district"] not in found.districts:
        raise not_found("worker", visit.path["worker"])
    return found


async def _done(call: str, body: Body, visit: Visit, work: Work, world: World) -> Done:
    worker = worker_of(visit, world)
    answer = await CALLS[call](visit.call(body=body, id=worker.id), work, world)
    return outcome(answer, f"/console/district/{visit.path['district']}/workers/{worker.id}")
