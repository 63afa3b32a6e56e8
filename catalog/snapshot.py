"""One version of the whole catalog in memory, indexed for search. Built again whenever the version moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from catalog.model import Offering, Provider, SubService, Worker
from catalog.services import SUB_SERVICES, word_entries
from catalog.words import WordIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Providers, offerings and workers by their ids, and by provider. ``version`` is storage's."""

    version: int
    providers: Mapping[str, Provider]
    offerings: Mapping[str, Offering]
    offerings_of: Mapping[str, tuple[Offering, ...]]
    workers_of: Mapping[str, tuple[Worker, ...]]

    @classmethod
    def build(
        cls,
        *,
        version: int,
        providers: Iterable[Provider],
        offerings: Iterable[Offering],
        workers: Iterable[Worker],
    ) -> Catalog:
        """Index the rows of a version."""
        offerings = tuple(offerings)
        offerings_of: dict[str, list[Offering]] = defaultdict(list)
        for offering in offerings:
            offerings_of[offering.provider_id].append(offering)
        workers_of: dict[str, list[Worker]] = defaultdict(list)
        for worker in workers:
            workers_of[worker.provider_id].append(worker)
        return cls(
            version=version,
            providers={provider.id: provider for provider in providers},
            offerings={offering.id: offering for offering in offerings},
            offerings_of={provider: tuple(found) for provider, found in offerings_of.items()},
            workers_of={provider: tuple(found) for provider, found in workers_of.items()},
        )

    def worker(self, worker_id: str) -> Worker | None:
        """The worker of that id, or None."""
        return next((one for found in self.workers_of.values() for one in found if one.id == worker_id), None)


def on_sale(provider: Provider, today: date) -> bool:
    """Rule R2: active, and its agreement in force."""
    return provider.status == "active" and provider.agreement_from <= today <= provider.agreement_until


def offered(offering: Offering, today: date) -> bool:
    """Active and within its validity."""
    return offering.active and offering.valid_from <= today <= offering.valid_until


def service_id_of(offering: Offering) -> str:
    """The trade (``SM-PLB``) a worker must be certified in to do this."""
    return sub_service(offering.sub_service_id).service_id


def sub_service(sub_service_id: str) -> SubService:
    """The sub-service of an id; raises KeyError for one that the taxonomy does not have."""
    return SUB_SERVICES[sub_service_id]


@cache
def word_index() -> WordIndex[str]:
    """The words of all sub-services, built once: about two hundred stand for any number of offerings."""
    return WordIndex.build(word_entries())
