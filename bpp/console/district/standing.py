"""Who may sell and who may be sent in a district, and what of it is in the catalogue today. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from catalog.model import Offering, Provider, Worker
from catalog.snapshot import Catalog, offered, offered_in, on_sale, service_id_of

Standing = Literal["on_sale", "suspended", "lapsed"]
Fitness = Literal["verified", "unverified", "suspended"]


def standing(provider: Provider, today: date) -> Standing:
    """Whether a provider sells, and if not, why."""
    if provider.status == "suspended":
        return "suspended"
    return "on_sale" if on_sale(provider, today) else "lapsed"


def fitness(worker: Worker, today: date) -> Fitness:
    """Whether a worker may be sent as far as standing and police verification go (rule R11)."""
    if not worker.active:
        return "suspended"
    return "verified" if worker.verified_until is not None and worker.verified_until >= today else "unverified"


def providers_of(catalog: Catalog, district: str) -> list[Provider]:
    """The providers that have chosen a district, by name."""
    found = (one for one in catalog.providers.values() if district in one.districts)
    return sorted(found, key=lambda one: (one.name, one.id))


def workers_of(catalog: Catalog, district: str) -> list[Worker]:
    """The workers who are registered for a district, by name."""
    found = (one for one in catalog.workers.values() if district in one.districts)
    return sorted(found, key=lambda one: (one.name, one.id))


def for_sale(catalog: Catalog, provider: Provider, district: str, today: date) -> tuple[list[Offering], list[Offering]]:
    """The offerings that a provider keeps for a district: those in the catalogue today, and those that are not.

    Out of it are those of one who does not sell, and those for which it has nobody who may be sent.
    """
    kept = [
        one
        for one in catalog.offerings_of.get(provider.id, ())
        if offered(one, today) and offered_in(provider, one, district)
    ]
    able = services_of(catalog.workers_of.get(provider.id, ()), district, today) if on_sale(provider, today) else ()
    sold = [one for one in kept if service_id_of(one) in able]
    return sold, [one for one in kept if one not in sold]


def services_of(workers: Sequence[Worker], district: str, today: date) -> frozenset[str]:
    """The services for which somebody may be sent in a district."""
    return frozenset(
        service
        for one in workers
        if district in one.districts and fitness(one, today) == "verified"
        for service, until in one.skills.items()
        if until >= today
    )
