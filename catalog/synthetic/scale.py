"""How large a synthetic catalog is, and how totals are shared out exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.places import districts


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How many there are of each, exactly, and in which districts (LGD codes)."""

    name: str
    districts: tuple[str, ...]
    providers: int
    workers: int
    offerings: int


SCALES: Mapping[str, Scale] = {
    # 52,349 workers: the figure published in 2025; the others: what the system is sized for (sewamitra.md 1.3)
    "up": Scale(name="up", districts=tuple(districts()), providers=1_000, workers=52_349, offerings=100_000),
    "district": Scale(name="district", districts=("162",), providers=40, workers=2_000, offerings=4_000),
}


def apportion(total: int, weights: Sequence[float], *, least: Sequence[int], most: Sequence[int]) -> list[int]:
    """Whole shares of a total in proportion to weights, each within its bounds; they add up to the total exactly.

    What a bound takes from one goes to the others, heaviest first. Raises ValueError where the bounds leave no way.
    """
    if not sum(least) <= total <= sum(most):
        raise ValueError(f"{total} cannot be shared out between {sum(least)} and {sum(most)}")
    whole = sum(weights)
    shares = [
        min(high, max(low, int(total * weight / whole))) for weight, low, high in zip(weights, least, most, strict=True)
    ]
    order = sorted(range(len(weights)), key=lambda index: (-weights[index], index))
    while rest := total - sum(shares):
        step = 1 if rest > 0 else -1
        movable = [
            index for index in order if (shares[index] < most[index] if rest > 0 else shares[index] > least[index])
        ]
        each = max(1, abs(rest) // len(movable))
        for index in movable:
            room = most[index] - shares[index] if rest > 0 else shares[index] - least[index]
            moved = min(each, room, abs(rest))
            shares[index] += step * moved
            rest -= step * moved
            if not rest:
                break
    return shares
