"""Who there is in a synthetic catalog: how many providers where, with which trades, workers and offerings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from catalog.load_tables import read_table
from catalog.places import districts
from catalog.synthetic.chances import happens
from catalog.synthetic.rates import COMMON, trades
from catalog.synthetic.scale import Scale, apportion
from catalog.synthetic.words import TIERS

_MOST_NEIGHBOURS = 3
_TRADES_OF_A_FIRM = (5, 12)
_CREW = 2  # verified workers for each common trade, in every district


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One provider to be made. An anchor is the firm of a district that can do all that is common, and is in order.

    ``districts`` are LGD codes, home first; ``trades`` service ids, in the order in which they are offered.
    """

    number: int
    anchor: bool
    kind: Literal["firm", "individual"]
    districts: tuple[str, ...]
    trades: tuple[str, ...]
    workers: int = 0
    offerings: int = 0


def plans(scale: Scale, rng: Random) -> list[Plan]:
    """The providers of a scale with its workers and offerings shared out among them."""
    drawn = list(_drawn(scale, rng))
    crews = apportion(
        scale.workers,
        [rng.lognormvariate(0, 0.8) * len(one.trades) for one in drawn],
        least=[_CREW * len(COMMON) if one.anchor else 1 for one in drawn],
        most=[1 if one.kind == "individual" else scale.workers for one in drawn],
    )
    sub_services = [sum(len(trades()[trade]) for trade in one.trades) for one in drawn]
    sold = apportion(
        scale.offerings,
        [count * rng.uniform(0.7, 1.0) for count in sub_services],
        least=[min(count, sum(len(trades()[trade]) for trade in COMMON)) for count in sub_services],
        most=[len(TIERS) * count for count in sub_services],
    )
    return [
        Plan(
            number=one.number,
            anchor=one.anchor,
            kind=one.kind,
            districts=one.districts,
            trades=one.trades,
            workers=workers,
            offerings=offerings,
        )
        for one, workers, offerings in zip(drawn, crews, sold, strict=True)
    ]


def _drawn(scale: Scale, rng: Random) -> Iterator[Plan]:
    """The providers, most of them where there are most pincodes; the first of each district is its anchor."""
    homes = apportion(
        scale.providers,
        [float(len(pincodes_of(lgd))) for lgd in scale.districts],
        least=[1] * len(scale.districts),
        most=[scale.providers] * len(scale.districts),
    )
    number = 0
    for home, count in zip(scale.districts, homes, strict=True):
        for place in range(count):
            number += 1
            anchor = place == 0
            single = not anchor and happens("an individual", rng)
            reaching = not anchor and not single and happens("serves neighbours", rng)
            near = _neighbours(home, scale.districts)[: rng.randint(1, _MOST_NEIGHBOURS)] if reaching else ()
            yield Plan(
                number=number,
                anchor=anchor,
                kind="individual" if single else "firm",
                districts=(home, *near),
                trades=_trades(rng, anchor=anchor, single=single),
            )


def _trades(rng: Random, *, anchor: bool, single: bool) -> tuple[str, ...]:
    every = tuple(trades())
    if single:
        return (rng.choice(every),)
    drawn = rng.sample(every, rng.randint(*_TRADES_OF_A_FIRM))
    return tuple(dict.fromkeys((*COMMON, *drawn))) if anchor else tuple(drawn)


def _neighbours(home: str, among: Sequence[str]) -> tuple[str, ...]:
    """The other districts, nearest headquarters first; degrees rank well enough."""
    here = districts()[home].headquarters

    def square(lgd: str) -> tuple[float, str]:
        there = districts()[lgd].headquarters
        return (there.lat - here.lat) ** 2 + (there.lon - here.lon) ** 2, lgd

    return tuple(sorted((lgd for lgd in among if lgd != home), key=square))


def pincodes_of(lgd: str) -> tuple[str, ...]:
    """The pincodes that lie in one district alone, in order."""
    return tuple(row["pincode"] for row in read_table("pincodes") if row["districts"] == lgd)
