"""What two sides of a settlement say differently: which of it lasts, and which is over when our books come round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from beckn_schemas.rsf_sent import FIELDS
from bpp.settlement.amounts import figures
from bpp.settlement.model import Difference, Figures, Settlement

DISPUTED = frozenset({"recon", "unanswered", "false_accord", "status", "order_amount", "unknown"})
"""Differences of a reconciliation: the next one says them anew."""
OF_AMOUNTS = frozenset({"recon", "false_accord"})
"""Those of them that name an amount, each in its field."""


def come_round(one: Settlement) -> bool:
    """Whether the books have come to say all that was in dispute: then none is left.

    Not where the two sides differ in something else, such as the order's amount, another settlement of it, or one that
    only they know: no books of ours end that by themselves.
    """
    return one.counter == figures(one.due) and all(
        (each.cause in OF_AMOUNTS and each.of == one.id and each.field in FIELDS)
        or (each.cause == "unknown" and each.field == one.shown_id)
        for each in one.differences
        if each.cause in DISPUTED and each.cause != "status"
    )


def given(order_id: str, ours: Figures, theirs: Figures) -> Iterable[Difference]:
    """What is given in by filing theirs, amount by amount."""
    for name in FIELDS:
        mine, other = getattr(ours, name), getattr(theirs, name)
        if mine != other:
            yield Difference(cause="conceded", order_id=order_id, field=name, ours=mine, theirs=other)


def lasting(one: Settlement) -> tuple[Difference, ...]:
    """The differences of a settlement that no reconciliation takes away."""
    return tuple(each for each in one.differences if each.cause not in DISPUTED)


def joined(one: Settlement, more: Sequence[Difference]) -> tuple[Difference, ...]:
    """The differences of a settlement and further ones, each once."""
    return tuple(dict.fromkeys((*one.differences, *more)))
