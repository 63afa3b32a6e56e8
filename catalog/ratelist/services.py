"""Which sub-service a row means: by id, exact name or code, else by words; never a nearest one in silence.

Words decide only where they leave no doubt: one sub-service carries all that is said, in known spellings, and no other
comes near. Anything else is a fault that names the candidates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from catalog.codes import to_decimal
from catalog.model import Service, SubService
from catalog.ratelist.texts import plain
from catalog.services import SERVICES, SUB_SERVICES, with_code
from catalog.snapshot import word_index

_SURE = 0.95  # one slip in a word of an entry's own phrase
_APART = 0.1  # how far behind the next must be
_MOST_CANDIDATES = 6
_NUMBER = re.compile(r"[0-9]+")
_PARTS = re.compile(r"[()/]")


class NoService(Exception):
    """A row that names no sub-service for certain; ``kind`` is that of the fault, ``candidates`` what it may mean."""

    def __init__(self, kind: str, found: str, candidates: Iterable[SubService] = ()) -> None:
        super().__init__(kind)
        self.kind = kind
        self.found = found
        self.candidates = tuple(candidates)[:_MOST_CANDIDATES]


def sub_service_of(service: str, work: str) -> SubService:
    """The sub-service that a row means: ``service`` is its trade (or empty), ``work`` what is done (or empty).

    Either alone will do where it leaves no doubt, and so will both together. Raises NoService.
    """
    trade = trade_of(service) if work else None
    faults = []
    for text in (work, f"{service} {work}") if work and service else (work or service,):
        try:
            return _decided(text, trade)
        except NoService as fault:
            faults.append(fault)
    raise next((one for one in faults if one.candidates), faults[0])


@lru_cache(maxsize=4096)
def trade_of(text: str) -> Service | None:
    """The service (trade) that a text names exactly: its id, its name, a part of that, or one of its words."""
    return _trades().get(plain(text))


@lru_cache(maxsize=4096)
def _decided(text: str, trade: Service | None) -> SubService:
    meant = _meanings(text)
    fitting = {one: score for one, score in meant.items() if trade is None or one.service_id == trade.id}
    if not fitting:
        raise NoService("other_service" if meant else "unknown_service", text, meant)
    counted = {one: score for one, score in fitting.items() if _numbers_agree(text, one)}
    if not counted:
        raise NoService("unsure_service", text, fitting)
    best = max(counted.values())
    near = [one for one, score in counted.items() if score > best - _APART]
    if len(near) > 1:
        raise NoService("ambiguous_service", text, near)
    if best < _SURE:
        raise NoService("unsure_service", text, near)
    return near[0]


def _meanings(text: str) -> Mapping[SubService, float]:
    """What a text may mean, best first, with how surely: names and codes, then trades, then words, then likeness."""
    trade = trade_of(text)
    of_trade = trade.sub_services if trade else ()
    for found in (_by_name().get(plain(text)), _by_code(text), of_trade, _by_word().get(plain(text))):
        if found:
            return dict.fromkeys(found, 1.0)
    return {SUB_SERVICES[key]: score for key, score in word_index().match(text).items()}


def _numbers_agree(text: str, one: SubService) -> bool:
    """Whether the figures in a sub-service's name are said too, if any are: a walk of 45 minutes is not one of 30."""
    if plain(text) in _by_name():
        return True
    said, own = set(_NUMBER.findall(plain(text))), set(_NUMBER.findall(plain(one.name_en)))
    return not said or own <= said


def _by_code(text: str) -> tuple[SubService, ...]:
    try:
        return with_code(to_decimal(text))
    except ValueError:
        return ()


@cache
def _by_name() -> Mapping[str, tuple[SubService, ...]]:
    return _gathered((one, (one.id, one.name_en, one.name_hi)) for one in SUB_SERVICES.values())


@cache
def _by_word() -> Mapping[str, tuple[SubService, ...]]:
    return _gathered((one, one.words) for one in SUB_SERVICES.values())


def _gathered(entries: Iterable[tuple[SubService, Iterable[str]]]) -> Mapping[str, tuple[SubService, ...]]:
    found: dict[str, dict[SubService, None]] = {}
    for one, phrases in entries:
        for phrase in phrases:
            found.setdefault(plain(phrase), {})[one] = None
    return {phrase: tuple(named) for phrase, named in found.items()}


@cache
def _trades() -> Mapping[str, Service]:
    found: dict[str, Service] = {}
    for one in SERVICES.values():
        names = (one.name_en, one.name_hi)
        for phrase in (one.id, *names, *(part for name in names for part in _PARTS.split(name)), *one.words):
            if key := plain(phrase):
                found.setdefault(key, one)
    return found
