"""What a catalog from files does not undo: what was decided about providers and workers that are known already. Pure.

Files say how somebody was registered; since then an officer may have suspended a provider, and a worker's papers,
leave and contracts have calls and a history of their own (ADR 0025).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bpp.parties.model import Subject
from catalog.load import CatalogData
from catalog.model import Provider, Worker

DECIDED: Mapping[type, tuple[str, ...]] = {
    Provider: ("status", "agreement_from", "agreement_until"),
    Worker: ("active", "available", "leaves", "engagements", "verified_until", "verification", "skills", "creds"),
}
"""The fields that calls of their own decide about."""
SUBJECTS: Mapping[type, Subject] = {Provider: "provider", Worker: "worker"}
PartyT = TypeVar("PartyT", Provider, Worker)


@dataclass(frozen=True, slots=True)
class Differing:
    """A provider or worker of whom files say something else than what was decided, with the fields."""

    subject: Subject
    id: str
    fields: tuple[str, ...]


def differing(data: CatalogData, known: CatalogData) -> tuple[Differing, ...]:
    """Those of whom ``data`` would undo something that stands in ``known``, which is stored."""
    return (*_differing(data.providers, known.providers), *_differing(data.workers, known.workers))


def kept(data: CatalogData, known: CatalogData) -> CatalogData:
    """The data with what was decided about everybody who is known already."""
    return replace(data, providers=_kept(data.providers, known.providers), workers=_kept(data.workers, known.workers))


def _differing(said: Iterable[PartyT], stored: Iterable[PartyT]) -> list[Differing]:
    known = {one.id: one for one in stored}
    found = []
    for one in said:
        before = known.get(one.id, one)
        fields = tuple(name for name, value in _decided(one).items() if value != getattr(before, name))
        found += [Differing(SUBJECTS[type(one)], one.id, fields)] if fields else []
    return found


def _kept(said: Iterable[PartyT], stored: Iterable[PartyT]) -> tuple[PartyT, ...]:
    known = {one.id: one for one in stored}
    return tuple(replace(one, **_decided(known[one.id])) if one.id in known else one for one in said)


def _decided(one: Provider | Worker) -> dict[str, Any]:
    return {name: getattr(one, name) for name in DECIDED[type(one)]}
