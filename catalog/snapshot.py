"""One version of the whole catalog in memory, indexed for search. The next one shares all that it does not change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from operator import attrgetter
from typing import TypeVar

from catalog.choices import as_offering
from catalog.index import EMPTY, Index
from catalog.memo import Memo
from catalog.model import Offering, Provider, Rating, Worker
from catalog.sale import offered, offered_in, on_sale, service_id_of, serviceable, sub_service
from catalog.services import word_entries
from catalog.shelf import Shelf
from catalog.words import WordIndex

__all__ = [
    "UNRATED",
    "Catalog",
    "Rated",
    "Ratings",
    "by_provider",
    "offered",
    "offered_in",
    "on_sale",
    "service_id_of",
    "serviceable",
    "sub_service",
    "word_index",
]

UNRATED = Rating()
Owned = TypeVar("Owned", Offering, Worker)
Rated = TypeVar("Rated", Provider, Worker)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """What was rated so far, by the ids of providers and of workers."""

    providers: Mapping[str, Rating] = field(default_factory=dict)
    workers: Mapping[str, Rating] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Providers, offerings and workers by their ids, and by provider in the order of ids. ``version`` is storage's.

    ``customizations`` are what can be chosen of offerings, by their own ids, as a line of an order sells them;
    ``groups`` the offering of each category of choices. ``ratings`` are those that its providers and workers have here.
    ``index`` is what searches look into. ``teams`` is, by provider, what others worked out of its hours and its workers
    but for their ratings.
    """

    version: int
    providers: Mapping[str, Provider]
    offerings: Mapping[str, Offering]
    offerings_of: Mapping[str, tuple[Offering, ...]]
    workers: Mapping[str, Worker]
    workers_of: Mapping[str, tuple[Worker, ...]]
    customizations: Mapping[str, Offering] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    ratings: Ratings = field(default_factory=Ratings)
    index: Index = field(default=EMPTY, compare=False, repr=False)
    teams: Mapping[str, Memo] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def build(
        cls,
        *,
        version: int,
        providers: Iterable[Provider],
        offerings: Iterable[Offering],
        workers: Iterable[Worker],
    ) -> Catalog:
        """Index the rows of a version, with the ratings that they bear."""
        found = {provider.id: provider for provider in providers}
        on_offer = {offering.id: offering for offering in offerings}
        people = {worker.id: worker for worker in workers}
        sold = by_provider(on_offer.values())
        return cls(
            version=version,
            providers=found,
            offerings=on_offer,
            offerings_of=sold,
            workers=people,
            workers_of=by_provider(people.values()),
            customizations=_customizations(on_offer.values()),
            groups=_groups(on_offer.values()),
            ratings=Ratings(providers=_rated(found.values()), workers=_rated(people.values())),
            index=EMPTY.with_shelves(_shelves(found, found, sold)),
            teams={key: Memo() for key in found},
        )

    def with_changes(
        self,
        *,
        version: int,
        providers: Iterable[Provider],
        offerings: Iterable[Offering],
        workers: Iterable[Worker],
    ) -> Catalog:
        """A later version: this one but for the values given, which keep the ratings that are known here."""
        rated = self.ratings
        found = {one.id: replace(one, rating=rated.providers.get(one.id, UNRATED)) for one in providers}
        on_offer = {one.id: one for one in offerings}
        people = {one.id: replace(one, rating=rated.workers.get(one.id, UNRATED)) for one in workers}
        unchanged = {key: one for key, one in self.customizations.items() if one.parent_item_id not in on_offer}
        groups = {key: owner for key, owner in self.groups.items() if owner not in on_offer}
        all_providers = {**self.providers, **found}
        selling = found.keys() | _owners(self.offerings, on_offer)
        working = found.keys() | _owners(self.workers, people)
        sold = _regrouped(self.offerings_of, self.offerings, on_offer)
        return replace(
            self,
            version=version,
            providers=all_providers,
            offerings={**self.offerings, **on_offer} if on_offer else self.offerings,
            offerings_of=sold,
            workers={**self.workers, **people} if people else self.workers,
            workers_of=_regrouped(self.workers_of, self.workers, people),
            customizations={**unchanged, **_customizations(on_offer.values())},
            groups={**groups, **_groups(on_offer.values())},
            index=self.index.with_shelves(_shelves(selling, all_providers, sold)),
            teams={**self.teams, **{key: Memo() for key in working if key in all_providers}},
        )

    def item(self, item_id: str) -> Offering | None:
        """What a line of an order sells: the offering of that id, else the customisation, or None."""
        return self.offerings.get(item_id) or self.customizations.get(item_id)

    def worker(self, worker_id: str) -> Worker | None:
        """The worker of that id, or None."""
        return self.workers.get(worker_id)

    def with_ratings(self, ratings: Ratings) -> Catalog:
        """The same version with these ratings instead: only who is rated otherwise than before is made anew."""
        providers = _rerated(self.providers, self.ratings.providers, ratings.providers)
        workers = _rerated(self.workers, self.ratings.workers, ratings.workers)
        teams = {
            provider: tuple(workers.get(one.id, one) for one in self.workers_of[provider])
            for provider in {one.provider_id for one in workers.values()}
        }
        return replace(
            self,
            providers={**self.providers, **providers},
            workers={**self.workers, **workers},
            workers_of={**self.workers_of, **teams},
            ratings=ratings,
            index=self.index.with_shelves(_shelves(providers, providers, self.offerings_of)),
        )


def by_provider(values: Iterable[Owned]) -> dict[str, tuple[Owned, ...]]:
    """Offerings or workers by the id of their provider, each group in the order of ids."""
    found: dict[str, list[Owned]] = defaultdict(list)
    for one in values:
        found[one.provider_id].append(one)
    return {provider: tuple(sorted(group, key=attrgetter("id"))) for provider, group in found.items()}


def _regrouped(
    groups: Mapping[str, tuple[Owned, ...]], before: Mapping[str, Owned], changed: Mapping[str, Owned]
) -> Mapping[str, tuple[Owned, ...]]:
    """The groups by provider with what was changed in its place; a provider with nothing left has no group."""
    if not changed:
        return groups
    touched = _owners(before, changed)
    kept = {owner: [one for one in groups.get(owner, ()) if one.id not in changed] for owner in touched}
    for one in changed.values():
        kept[one.provider_id].append(one)
    rest = {owner: group for owner, group in groups.items() if owner not in touched}
    return rest | {owner: tuple(sorted(group, key=attrgetter("id"))) for owner, group in kept.items() if group}


def _customizations(offerings: Iterable[Offering]) -> dict[str, Offering]:
    return {one.id: as_offering(base, one) for base in offerings for one in base.customizations}


def _groups(offerings: Iterable[Offering]) -> dict[str, str]:
    return {one.id: base.id for base in offerings for one in base.categories}


def _owners(before: Mapping[str, Owned], changed: Mapping[str, Owned]) -> set[str]:
    """The providers of what was changed, now and before."""
    return {one.provider_id for one in changed.values()} | {before[key].provider_id for key in changed if key in before}


def _shelves(
    ids: Iterable[str], providers: Mapping[str, Provider], sold: Mapping[str, tuple[Offering, ...]]
) -> dict[str, Shelf]:
    """The shelves of some providers, made anew; whoever is no provider has none."""
    return {key: Shelf(providers[key], sold.get(key, ())) for key in ids if key in providers}


def _rated(values: Iterable[Rated]) -> dict[str, Rating]:
    return {one.id: one.rating for one in values if one.rating != UNRATED}


def _rerated(
    values: Mapping[str, Rated], before: Mapping[str, Rating], after: Mapping[str, Rating]
) -> dict[str, Rated]:
    """Those of some values whose rating is another than before, with it."""
    moved = {key for key in (*before, *after) if before.get(key, UNRATED) != after.get(key, UNRATED)}
    return {key: replace(values[key], rating=after.get(key, UNRATED)) for key in moved if key in values}


@cache
def word_index() -> WordIndex[str]:
    """The words of all sub-services, built once: about two hundred stand for any number of offerings."""
    return WordIndex.build(word_entries())
