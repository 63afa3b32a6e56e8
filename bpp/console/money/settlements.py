"""Taking a buyer app's settlement file: each order compared with the books, accepted (a receipt) or disputed (a list).

The file is kept for a day under a key of whoever sent it; what becomes of a row is read off the books each time, so
that a row is recorded once, however often the file comes, and an order is not settled twice by two files. What is not
accepted is a list to send back to the buyer app: the network's own messages for that are no part of this.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from bpp.console.language import gettext, msg
from bpp.console.money.bookings import order_link
from bpp.console.money.receipts import payers
from bpp.console.money.settlement_file import MOST_BYTES, Settled, UnreadableFile, read_settlement
from bpp.console.money.tables import Column, Found, Link, Table, rupees_of
from bpp.console.page import Done, Form, Upload, Visit
from bpp.core.receipts import lock_payer
from bpp.core.world import World
from bpp.ledger import chart
from bpp.ledger.model import Party, Posting, Purpose
from bpp.ledger.receipts import Receipt, ReceiptKind
from bpp.operator.money_receipts import NewReceipt, post_receipt
from bpp.operator.problems import ApiProblem, invalid, not_found
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.money import ZERO, Money, total

PATH = "/console/money/settlements"
KEPT = timedelta(days=1)
KIND = ReceiptKind.BUYER_APP_SETTLEMENT
NEW: TypeAdapter[Any] = TypeAdapter(NewReceipt)
TICK = "accept_"
State = Literal["recorded", "fits", "differs", "settled", "unknown", "faulty"]
STATES: Mapping[State, str] = {
    "recorded": msg("Recorded"),
    "fits": msg("Fits the books"),
    "differs": msg("Differs from the books"),
    "settled": msg("Was settled before"),
    "unknown": msg("There is no such order of this buyer app"),
    "faulty": msg("Cannot be read"),
}


class FileForm(Form):
    """Whose file it is."""

    payer: str = Field(max_length=200)


class AcceptForm(Form):
    """The rows that are accepted: a field ``accept_<number>`` for each."""

    model_config = ConfigDict(extra="allow", frozen=True)


OPEN: frozenset[State] = frozenset({"fits", "differs"})
"""What may be accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A row beside what the books say: ``collected`` by the buyer app, ``due`` to us, its fees kept back.

    Both without what came for the order before.
    """

    row: Settled
    state: State
    ref: str = ""
    collected: Money = ZERO
    due: Money = ZERO

    @property
    def difference(self) -> Money:
        """What was paid too much, or (below zero) too little."""
        return self.row.amount - self.due


@dataclass(frozen=True, slots=True)
class Owed:
    """What the books have of an order: collected by the buyer app since a moment, and what of it is due to us."""

    ref: str
    collected: Money
    due: Money
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Came:
    """What came for an order: the money, and with the fees that were kept back."""

    amount: Money
    gross: Money


Earlier = defaultdict[str, dict[str, Came]]
"""What came for each order, by the reference of its receipt."""


async def read_settlements(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The form that takes a file."""
    del visit
    which = AccountFilter(party=Party.BUYER_APP, purpose=Purpose.COLLECTED)
    return {"payers": payers(KIND, await work.ledger.balances(which), world)}


async def act_take(visit: Visit, work: Work, world: World) -> Done:
    """Keep a file for a day, so that it can be looked at before anything is recorded."""
    upload: Upload | None = visit.uploads.get("file")
    if upload is None or not upload.content:
        raise ApiProblem(422, "no_file", "a file is expected", path="file")
    if len(upload.content) > MOST_BYTES:
        raise ApiProblem(422, "settlement_too_long", "the file is too large", path="file")
    try:
        read_settlement(upload.content)
    except UnreadableFile as problem:
        raise ApiProblem(422, problem.code, "the file cannot be read", path="file") from problem
    digest = hashlib.sha256(upload.content).hexdigest()
    payer = visit.form.payer
    name = hashlib.sha256(f"{payer}\n{digest}".encode()).hexdigest()[:20]
    kept = f"{payer}\n".encode() + upload.content
    await work.keys.remember(_key(visit, name), digest, 200, kept, world.now + KEPT, now=world.now)
    return Done(to=f"{PATH}/{name}")


def _key(visit: Visit, name: str) -> str:
    return f"settlement\n{visit.person.id}\n{name}"


async def _kept(visit: Visit, work: Work, world: World) -> tuple[str, Sequence[Settled]]:
    """The buyer app and the rows of a file that was taken. Raises ApiProblem 404 where it is gone."""
    name = visit.path["file"]
    found = await work.keys.answer(_key(visit, name), world.now)
    if found is None:
        raise not_found("settlement file", name)
    payer, _, content = found[2].partition(b"\n")
    return payer.decode(), read_settlement(content)


async def read_settlement_file(visit: Visit, work: Work, world: World) -> Found:
    """Each row beside the books; those that fit are ticked."""
    payer, rows = await _kept(visit, work, world)
    compared = await compare(rows, payer, work)
    disputed = [one for one in compared if one.state not in {"recorded", "fits"}]
    return Found(
        tables=(
            Table(name="settlement", title=msg("Orders of the file"), columns=COLUMNS, rows=compared, sums=True),
            Table(
                name="disputes",
                title=msg("To dispute: orders that do not fit"),
                columns=COLUMNS,
                rows=disputed,
                sums=True,
            ),
        ),
        more={
            "payer": payer,
            "compared": compared,
            "open": [one for one in compared if one.state in OPEN],
            "states": {state: gettext(text) for state, text in STATES.items()},
            "sum": total(one.row.amount for one in compared),
        },
    )


async def compare(rows: Sequence[Settled], payer: str, work: Work) -> Sequence[Compared]:
    """Each row beside the books; of a further row for the same order it counts what the first leaves."""
    wanted = sorted({row.order_id for row in rows if not row.fault})  # which are locked, by everybody in this order
    books = {name: await _owed(name, payer, work) for name in wanted}
    earlier = await _earlier(books, payer, work)
    found = []
    for row in rows:
        one = await _compared(row, books.get(row.order_id), earlier[row.order_id], payer, work)
        if one.state == "fits":
            earlier[row.order_id][row.receipt_reference] = _came(row)
        found.append(one)
    return found


async def _compared(row: Settled, owed: Owed | None, earlier: Mapping[str, Came], payer: str, work: Work) -> Compared:
    if row.fault:
        return Compared(row=row, state="faulty")
    if owed is None:
        return Compared(row=row, state="unknown")
    others = [one for reference, one in earlier.items() if reference != row.receipt_reference]
    collected = owed.collected - total(one.gross for one in others)
    due = owed.due - total(one.amount for one in others)
    state: State = "fits" if _came(row) == Came(due, collected) else "differs"
    if await work.payouts.receipt(KIND, payer, row.receipt_reference) is not None:
        state = "recorded"
    elif others and collected <= ZERO:
        state = "settled"
    return Compared(row=row, state=state, ref=owed.ref, collected=collected, due=due)


async def _owed(order_id: str, payer: str, work: Work) -> Owed | None:
    order = await work.orders.by_network_id(payer, order_id)
    if order is None:
        return None
    postings = await work.ledger.of_order(order.ref)
    return Owed(order.ref, *owed_for(postings, payer), min((one.at for one in postings), default=None))


async def _earlier(books: Mapping[str, Owed | None], payer: str, work: Work) -> Earlier:
    """What the receipts of files have for some orders already; none is older than the order in the books."""
    found: Earlier = defaultdict(dict)
    began = [one.since for one in books.values() if one is not None and one.since is not None]
    for receipt in await work.payouts.receipts_of(KIND, payer, min(began)) if began else ():
        if order_id := settles(receipt.reference, books):
            found[order_id][receipt.reference] = _came(receipt)
    return found


def settles(reference: str, orders: Collection[str]) -> str:
    """Which of some orders a receipt's reference belongs to (``Settled.receipt_reference``), empty for none."""
    parts = reference.split("/")
    ends = ("/".join(parts[at:]) for at in range(1, len(parts)))
    return next((one for one in ends if one in orders), "")


def _came(one: Settled | Receipt) -> Came:
    return Came(one.amount, one.amount + one.finder_fee + one.finder_fee_gst)


def owed_for(postings: Sequence[Posting], payer: str) -> tuple[Money, Money]:
    """What a buyer app collected for an order, and what of it is due to us."""
    lines = [line for one in postings for line in one.lines]
    collected = total(line.amount for line in lines if line.account == chart.collected(payer))
    fees = {chart.finder_fee(payer), chart.finder_fee_gst(payer)}
    return collected, collected + total(line.amount for line in lines if line.account in fees)


async def act_accept(visit: Visit, work: Work, world: World) -> Done:
    """Record a receipt for each row that is accepted, all of them or none."""
    payer, rows = await _kept(visit, work, world)
    wanted = {name.removeprefix(TICK) for name in (visit.form.model_extra or {}) if name.startswith(TICK)}
    await lock_payer(KIND, payer, work)
    chosen = [one for one in await compare(rows, payer, work) if str(one.row.number) in wanted]
    if not chosen:
        raise ApiProblem(422, "nothing_chosen", "at least one order is expected")
    for one in chosen:
        if one.state not in {*OPEN, "recorded"}:
            raise invalid("this row cannot be accepted", path=f"{TICK}{one.row.number}")
        await _record(one.row, payer, visit, work, world)
    return Done(to=f"{PATH}/{visit.path['file']}")


async def _record(row: Settled, payer: str, visit: Visit, work: Work, world: World) -> None:
    body = NEW.validate_python(
        {
            "kind": KIND,
            "payer": payer,
            "reference": row.receipt_reference,
            "amount": str(row.amount),
            "finder_fee": str(row.finder_fee),
            "finder_fee_gst": str(row.finder_fee_gst),
        }
    )
    await post_receipt(visit.call(body=body), work, world)


def _to_order(one: Compared) -> Link | None:
    return order_link(one.ref) if one.ref else None


COLUMNS = (
    Column(msg("Order"), lambda one: one.row.order_id, link=_to_order),
    Column(msg("Reference (of the bank or the receipt book)"), lambda one: one.row.reference),
    Column(msg("The file says"), lambda one: rupees_of(one.row.amount), "money"),
    Column(msg("Finder fee kept back"), lambda one: rupees_of(one.row.finder_fee), "money"),
    Column(msg("GST on that"), lambda one: rupees_of(one.row.finder_fee_gst), "money"),
    Column(msg("Collected, by the books"), lambda one: rupees_of(one.collected), "money"),
    Column(msg("Due to us, by the books"), lambda one: rupees_of(one.due), "money"),
    Column(msg("Difference"), lambda one: rupees_of(one.difference), "money"),
    Column(
        msg("What of it"),
        lambda one: gettext(STATES[one.state]) + (f": {gettext(one.row.fault)}" if one.row.fault else ""),
    ),
)
