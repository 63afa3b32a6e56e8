"""A provider's workers: their papers and when they lapse, and one worker with all that is known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bpp.console.language import gettext, msg
from bpp.console.page import Page, Visit
from bpp.console.provider.common import AT, KEEPERS, ON, OWNERS, known_as, provider_of, worker_of
from bpp.core.privacy import read_worker
from bpp.core.workforce import bookings_affected
from bpp.core.world import World
from bpp.orders.assignment import local_day
from bpp.people.model import Role
from bpp.storage.ports import Work
from catalog.availability import engaged, on_leave
from catalog.model import Hours, Provider, Service, Worker
from catalog.places import District, districts
from catalog.services import SERVICES

SOON = timedelta(days=30)
"""Within this time a paper counts as about to lapse."""
WEEKDAYS: Mapping[int, str] = {
    1: msg("Monday"),
    2: msg("Tuesday"),
    3: msg("Wednesday"),
    4: msg("Thursday"),
    5: msg("Friday"),
    6: msg("Saturday"),
    7: msg("Sunday"),
}
GENDERS: Mapping[str, str] = {
    "": msg("not said"),
    "female": msg("woman"),
    "male": msg("man"),
    "other": msg("other"),
}
HINDRANCES: Mapping[str, str] = {
    "suspended": msg("suspended"),
    "unverified": msg("police verification missing or lapsed"),
    "uncertified": msg("certificate missing or lapsed"),
    "other_district": msg("not registered for the district"),
    "on_leave": msg("on leave"),
    "engaged": msg("engaged elsewhere"),
    "not_available": msg("switched to not available"),
}
"""Why somebody cannot do a visit that is booked (``bpp.parties.workforce.HINDRANCES``), in words."""


@dataclass(frozen=True, slots=True)
class Validity:
    """A paper with its last day, None where there is none: ``look`` says how urgent that is."""

    until: date | None
    look: str

    @classmethod
    def on(cls, today: date, until: date | None) -> Validity:
        """How a paper stands on a day."""
        if until is None or until < today:
            return cls(until, "bad")
        return cls(until, "warn" if until - today <= SOON else "good")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A worker in the list."""

    worker: Worker
    name: str
    verified: Validity
    skills: Sequence[tuple[Service, Validity]]
    away: bool

    @property
    def ready(self) -> bool:
        """Whether the papers are such that a job may be given at all (rule R11)."""
        return self.verified.look != "bad" and any(paper.look != "bad" for _, paper in self.skills)


def _entry(worker: Worker, visit: Visit, today: date) -> Entry:
    return Entry(
        worker=worker,
        name=known_as(worker, visit),
        verified=Validity.on(today, worker.verified_until),
        skills=[(SERVICES[one], Validity.on(today, until)) for one, until in sorted(worker.skills.items())],
        away=on_leave(worker, today) or engaged(worker, today),
    )


async def read_workers(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """All workers, those first whose papers are the most urgent."""
    del work
    provider, today = provider_of(visit, world), local_day(world.now)
    team = [one for one in world.catalog.workers_of.get(provider.id, ()) if _seen(one, visit)]
    entries = [_entry(one, visit, today) for one in team]
    return {
        "provider": provider,
        "entries": sorted(entries, key=_urgency),
        "today": today,
        "expired": sum(one.verified.look == "bad" for one in entries),
        "lapsing": sum("warn" in _looks(one) for one in entries),
    }


def _seen(worker: Worker, visit: Visit) -> bool:
    """Whether the worker is the reader's business: an officer's are those of the district."""
    return visit.person.role is not Role.OFFICER or visit.person.district in worker.districts


def _looks(one: Entry) -> list[str]:
    return [one.verified.look, *(paper.look for _, paper in one.skills)]


def _urgency(one: Entry) -> tuple[int, str]:
    looks = _looks(one)
    return (0 if "bad" in looks else 1 if "warn" in looks else 2, one.worker.id)


async def read_worker_page(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """One worker in full, which leaves a row, and the visits that he or she cannot do as things stand."""
    provider, worker, today = provider_of(visit, world), worker_of(visit, world), local_day(world.now)
    seen = await read_worker(worker, visit.caller.reader, work, world)
    return {
        **_of_form(provider),
        **_filled(visit, seen.districts, seen.hours, phone=seen.phone, email=seen.email),
        "entry": _entry(worker, visit, today),
        "worker": seen,
        "today": today,
        "affected": await bookings_affected(worker, work, world),
        "hindrances": HINDRANCES,
        "services": [(one.id, one) for one in SERVICES.values()],
        "keeps": visit.person.role in {*KEEPERS, Role.ADMIN},
        "open_leaves": [one for one in seen.leaves if one[1] >= today],
        "open_engagements": [one for one in seen.engagements if one.until >= today],
    }


async def read_new_worker(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """An empty form, with the provider's own hours and places to begin with."""
    del work
    provider = provider_of(visit, world)
    return {**_of_form(provider), **_filled(visit, provider.districts, provider.hours)}


def _filled(visit: Visit, areas: Collection[str], hours: Hours, *, phone: str = "", email: str = "") -> dict[str, Any]:
    """What the fields of a worker show: as it is, or as it was typed into the form that was refused."""
    typed = visit.typed
    if "opens" not in typed:
        now = {"phone": phone, "email": email, "opens": f"{hours.opens:%H:%M}", "closes": f"{hours.closes:%H:%M}"}
        return {"now": {**now, "days": hours.days}, "chosen": areas}
    return {
        "now": {
            **{name: typed.get(name, "") for name in ("phone", "email", "opens", "closes")},
            "days": [number for number in WEEKDAYS if f"{ON}{number}" in typed],
        },
        "chosen": [name.removeprefix(AT) for name in typed if name.startswith(AT)],
    }


def _of_form(provider: Provider) -> dict[str, Any]:
    """What the fields of a worker are chosen from."""
    known: Mapping[str, District] = districts()
    return {
        "provider": provider,
        "weekdays": WEEKDAYS,
        "genders": [(key, gettext(text)) for key, text in GENDERS.items()],
        "places": [(one.id, f"{one.address}, {one.city}") for one in provider.locations],
        "areas": [known[one] for one in provider.districts],
    }


PAGES = (
    Page(
        path="/provider/{provider}/workers",
        name="provider-workers",
        title=msg("Workers"),
        roles=OWNERS,
        read=read_workers,
        template="provider_workers.html",
    ),
    Page(
        path="/provider/{provider}/new-worker",
        name="provider-new-worker",
        title=msg("A new worker"),
        roles=OWNERS,
        read=read_new_worker,
        template="provider_new_worker.html",
    ),
    Page(
        path="/provider/{provider}/workers/{worker}",
        name="provider-worker",
        title=msg("Worker"),
        roles=OWNERS,
        read=read_worker_page,
        template="provider_worker.html",
        audited=True,
    ),
)
