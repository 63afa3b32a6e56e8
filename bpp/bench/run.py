"""What every scenario is told and what it tells: how much to do, where, and the values of its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bpp.bench.rounds import Load, Round, Slice
from bpp.bench.stage import PART, SMALL, Stage, set_up
from catalog.synthetic.scale import SCALES


@dataclass(frozen=True, kw_only=True)
class Run:
    """How much is done. ``quick``: on small catalogs and databases, for a first look and for tests.

    ``folder`` lies on a real disk and is thrown away; ``postgres`` is the URL of a server whose user may create
    databases, empty for one of our own. ``told`` hears how far it is.
    """

    folder: Path
    rounds: int
    load: Load
    quick: bool
    postgres: str
    told: Callable[[str], None]

    _made: list[Stage] = field(default_factory=list, repr=False)
    _whole: list[Stage] = field(default_factory=list, repr=False)

    @property
    def stage(self) -> Stage:
        """Made when the first scenario asks for it."""
        if not self._made:
            self.told("seeding a database")
            self._made.append(set_up(self.folder, SMALL if self.quick else PART))
        return self._made[0]

    @property
    def whole(self) -> Stage:
        """The same with the catalog of the whole state, in a folder of its own; small, too, in a quick run."""
        if not self._whole:
            self.told("seeding a database with the catalog of the whole state")
            folder = self.folder / "whole"
            folder.mkdir(exist_ok=True)
            self._whole.append(set_up(folder, SMALL if self.quick else SCALES["up"]))
        return self._whole[0]


@dataclass(slots=True, kw_only=True)
class Found:
    """What a scenario measured: values by row, one for each round; all raw figures; what must be said of it."""

    values: dict[str, list[float]] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take in what another scenario, or the same once more, found."""
        for key, values in other.values.items():
            self.values.setdefault(key, []).extend(values)
        for key, raw in other.raw.items():
            self.raw.setdefault(key, []).extend(raw if isinstance(raw, list) else [raw])
        self.notes += [note for note in other.notes if note not in self.notes]


def ratios(rounds: Sequence[Round], key: Callable[[Round], float], *needed: str, found: Found, row: str) -> None:
    """The values of a row, of each round in which none of the servers needed was spoilt."""
    sound = [one for one in rounds if all(name in one.slices and not one.slices[name].spoilt for name in needed)]
    if sound:
        found.values[row] = [key(one) for one in sound]


def cpu_over(one: Round, *, over: str, under: str) -> float:
    """The CPU of a round trip of one server over that of another."""
    return one.slices[over].cpu_each / one.slices[under].cpu_each


def rate_over(one: Round, *, over: str, under: str) -> float:
    """The round trips a second of one server over those of another."""
    return one.slices[over].rate / one.slices[under].rate


def in_pairs(one: Round, *, server: str) -> float:
    """The CPU of a round trip in the unit of its round."""
    return one.slices[server].cpu_each / one.pair


def account(rounds: Sequence[Round], found: Found) -> None:
    """Say what must not be overlooked in any server's slices."""
    for name in dict.fromkeys(name for one in rounds for name in one.slices):
        account_slices(name, [one.slices[name] for one in rounds if name in one.slices], found)


def account_slices(name: str, slices: Sequence[Slice], found: Found) -> None:
    """Round trips that were lost, refused, wrong or answered twice; and slices that say nothing of the server."""
    for word in ("lost", "refused", "errors", "repeated", "strange", "broken", "faulty"):
        if count := sum(one.traffic[word] for one in slices):
            examples = [text for one in slices for text in (*one.traffic["refusals"], *one.traffic["faults"])]
            found.notes.append(f"{name}: {count} {word}" + (f", such as {examples[0]}" if examples else ""))
    spoilt = [one.spoilt for one in slices if one.spoilt]
    if spoilt:
        found.notes.append(f"{name}: {len(spoilt)} of {len(slices)} slices left out: {spoilt[0]}")
