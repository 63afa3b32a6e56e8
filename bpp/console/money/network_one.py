"""One settlement with a buyer app: both sides' amounts, what differs by its name, what was said, what may be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from beckn_schemas.rsf_sent import FIELDS
from bpp.console.language import gettext, msg
from bpp.console.money import network_words as words
from bpp.console.money.network import PATH, comes_next, row_of, rows_of, sign, which_one
from bpp.console.money.network_history import history
from bpp.console.money.tables import Column, Found, Table, rupees_of
from bpp.console.money.words import COLLECTED, told
from bpp.console.orders.messages import code_in_words
from bpp.console.page import Done, Visit, outcome
from bpp.console.shown import said
from bpp.core.world import World
from bpp.operator.settlement_models import DifferenceView, SettlementQuery, SettlementView
from bpp.operator.settlement_retry import post_retry
from bpp.operator.settlements import get_settlement, post_concede, post_recon
from bpp.orders.assignment import local_day
from bpp.orders.words import Words
from bpp.settlement import moves
from bpp.settlement.amounts import figures
from bpp.settlement.model import Settlement
from bpp.settlement.plan import fileable, undecided
from bpp.settlement.states import OutOfOrder
from bpp.storage.ports import Work

WAITS_FOR_BOTH = msg(
    "The buyer app says otherwise. Accept its amounts, or leave it: nothing is filed before both sides agree, and "
    "after a day a complaint goes to the buyer app by itself."
)
FILED_ALL_THE_SAME = msg(
    "The buyer app says otherwise. Accept its amounts, or leave it: ours are filed in the next run all the same."
)


@dataclass(frozen=True, slots=True)
class Amount:
    """One of the five amounts of both sides."""

    field: str
    ours: Decimal
    filed: Decimal
    theirs: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """By how much the buyer app says more (or less) than our books."""
        return self.theirs - self.ours if self.theirs is not None else None


async def read_settlement(visit: Visit, work: Work, world: World) -> Found:
    """Everything of one settlement."""
    content = (await get_settlement(visit.call(), work, world)).content
    assert isinstance(content, SettlementView)  # noqa: S101  the call gives nothing else
    one = (await work.settlements.some([content.id]))[content.id]
    others, _ = await rows_of(SettlementQuery(order_ref=one.ref), visit, work, world)
    compare, concede = may_compare(one, world), may_concede(one, world)
    return Found(
        tables=(
            Table(name="amounts", title=msg("Both sides"), columns=AMOUNTS, rows=amounts(content, one)),
            Table(name="differences", title=msg("What differs"), columns=DIFFERENCES, rows=content.differences),
        ),
        more={
            "one": content,
            "row": row_of(content, one, world),
            "which": which_one(content),
            "state": told(words.STATES, content.state),
            "look": words.LOOKS.get(content.state, ""),
            "compared": told(words.RECONS, content.recon),
            "next": comes_next(one, world.now, world.rules.settlement.pace),
            "to_us": sign(one) > 0,
            "collected_by": told(COLLECTED, content.collected_by),
            "code": f"{code_in_words(content.code)} ({content.code})" if content.code else "",
            "others": [(row, which_one(row.view)) for row in others if row.view.id != content.id],
            "may_compare": compare,
            "may_concede": concede,
            "may_retry": may_retry(one, world),
            "apart": gettext(FILED_ALL_THE_SAME if fileable(one, max(world.now, one.ready_at)) else WAITS_FOR_BOTH)
            if undecided(one)
            else "",
            "life": await history(one, work),
        },
    )


def amounts(view: SettlementView, one: Settlement) -> Sequence[Amount]:
    """The five amounts: by our books, as they are filed, and as the buyer app has them, where it says otherwise."""
    books = figures(one.due)
    return [
        Amount(
            name,
            rupees_of(getattr(books, name)),
            rupees_of(getattr(view.figures, name)),
            rupees_of(getattr(view.counter, name)) if view.counter is not None else None,
        )
        for name in FIELDS
    ]


AMOUNTS = (
    Column(msg("Amount"), lambda one: gettext(words.FIGURES[one.field])),
    Column(msg("By our books"), lambda one: one.ours, "money"),
    Column(msg("Filed, or to be filed"), lambda one: one.filed, "money"),
    Column(msg("The buyer app says"), lambda one: one.theirs, "money"),
    Column(msg("Difference from our books"), lambda one: one.difference, "money"),
)


def _code(one: DifferenceView) -> str:
    return f"{code_in_words(one.code)} ({one.code})" if one.code else ""


def _what(one: DifferenceView) -> str:
    field = words.field_in_words(one.field)
    return gettext("%(what)s, of another settlement of the order") % {"what": field} if one.settlement else field


DIFFERENCES = (
    Column(msg("What it is"), lambda one: said(Words(one.says, one.says_hi))),
    Column(msg("In what"), _what),
    Column(msg("Ours"), lambda one: rupees_of(one.ours), "money"),
    Column(msg("Theirs"), lambda one: rupees_of(one.theirs), "money"),
    Column(msg("Code of the network"), _code),
)


def may_compare(one: Settlement, world: World) -> bool:
    """Whether a comparison may be asked for now."""
    return _possible(lambda: moves.asked(one, "", world.now))


def may_concede(one: Settlement, world: World) -> bool:
    """Whether the buyer app's amounts may be accepted now, and are not yet."""
    return one.agreed != one.counter and _possible(lambda: moves.conceded(one, world.now))


def may_retry(one: Settlement, world: World) -> bool:
    """Whether what the agency did not settle may be filed again as it is."""
    return _possible(lambda: moves.retried(one, local_day(world.now), world.now))


def _possible(move: Callable[[], Any]) -> bool:
    try:
        move()
    except OutOfOrder:
        return False
    return True


async def act_compare(visit: Visit, work: Work, world: World) -> Done:
    """Send what we have to the buyer app, which answers whether it agrees."""
    return outcome(await post_recon(visit.call(), work, world), _path(visit))


async def act_concede(visit: Visit, work: Work, world: World) -> Done:
    """File what the buyer app says; the difference keeps its name."""
    return outcome(await post_concede(visit.call(), work, world), _path(visit))


async def act_retry(visit: Visit, work: Work, world: World) -> Done:
    """File it again in the next run, by the books as they are then."""
    return outcome(await post_retry(visit.call(), work, world), _path(visit))


def _path(visit: Visit) -> str:
    return f"{PATH}/{quote(visit.path['settlement'], safe='')}"
