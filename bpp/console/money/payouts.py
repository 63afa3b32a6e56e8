"""Payouts: which were made, what the next one would pay, making it once, and transfers that did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from bpp.console.language import gettext, msg
from bpp.console.money.bookings import statement_link
from bpp.console.money.fields import Amount, read_rupees
from bpp.console.money.overview import moments
from bpp.console.money.periods import Span
from bpp.console.money.tables import Column, Found, Link, ListQuery, Table, rupees_of, whole
from bpp.console.money.words import PARTIES, RUNS, holder, told
from bpp.console.page import Day, Done, Form, Shown, Visit, outcome
from bpp.core.payouts import payable
from bpp.core.world import World
from bpp.ledger.model import Account, Party, Purpose
from bpp.ledger.payouts import PayoutRefused
from bpp.operator.files import File
from bpp.operator.money_payouts import (
    Failure,
    NewRun,
    PayoutQuery,
    RunView,
    bank_file,
    get_run,
    list_runs,
    make_run,
    note_failure,
)
from bpp.operator.problems import CONFLICT, ApiProblem
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from catalog.money import Money, total

PATH = "/console/money/payouts"
LEAST = "1.00"
STATES = {"paid": msg("Paid"), "failed": msg("Did not arrive, taken back")}
BANK = {True: msg("known"), False: msg("missing")}


class NextQuery(ListQuery):
    """What a payout is asked for: paid is what was owed at the end of a day, empty: now."""

    until: Day | None = None
    minimum: str = LEAST


class PayoutForm(Form):
    """A payout that is made under a name of its own; ``shown`` is what it came to on the page."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    shown: str
    until: Day | None = None
    minimum: Amount = LEAST


class FailureForm(Form):
    """A transfer that the bank did not carry out; ``whose`` is the wallet, as ``provider:ID``."""

    whose: Annotated[str, Field(pattern=r"^(provider|worker):.+$")]
    reason: Annotated[str, Field(min_length=1, max_length=100)]


async def read_payouts(visit: Visit, work: Work, world: World) -> Found:
    """Every payout, the newest first."""
    runs = await whole(list_runs, PayoutQuery(), visit, work, world)
    return Found(tables=(Table(name="payouts", title=msg("Payouts that were made"), columns=RUN_COLUMNS, rows=runs),))


RUN_COLUMNS = (
    Column(msg("Name of the payout"), lambda run: run.id, link=lambda run: Link("money-payout", {"id": run.id})),
    Column(msg("Made at"), lambda run: run.at, "moment"),
    Column(msg("Pays what was owed before"), lambda run: run.until, "moment"),
    Column(msg("State"), lambda run: told(RUNS, run.state)),
    Column(msg("Wallets"), lambda run: run.wallets, "count"),
    Column(msg("Paid"), lambda run: rupees_of(run.paid), "money"),
    Column(msg("Failed"), lambda run: rupees_of(run.failed), "money"),
    Column(msg("Made by"), lambda run: run.recorded_by),
)


async def read_next(visit: Visit, work: Work, world: World) -> Found:
    """Whom a payout would pay now, before it is made; what cannot be asked for is told."""
    query: NextQuery = visit.query
    minimum = read_rupees(query.minimum)
    refused = ""
    amounts: Sequence[tuple[Account, Money]] = ()
    if minimum is None:
        refused = gettext(msg("Please give rupees, such as 499.00."))
    else:
        try:
            amounts = sorted((await payable(_end(query.until), minimum, work, world)).items())
        except PayoutRefused:
            refused = gettext(msg("A payout pays what was owed before now: this day is not over."))
    rows = [
        (account, amount, await work.parties.bank(account.party, account.party_id) is not None)
        for account, amount in amounts
    ]
    return Found(
        tables=(
            Table(name="next", title=msg("Who would be paid now"), columns=_next_columns(world), rows=rows, sums=True),
        ),
        more={
            "refused": refused,
            "until": query.until,
            "minimum": query.minimum,
            "sum": total(amount for _, amount in amounts),
            "without_bank": sum(not known for *_, known in rows),
            "name": await _free_name(str(local_day(world.now)), work),
        },
    )


async def _free_name(day: str, work: Work) -> str:
    """A name that no payout has: the day, or the day with a number."""
    number, name = 1, day
    while await work.payouts.run(name) is not None:
        number += 1
        name = f"{day}-{number}"
    return name


def _end(day: date | None) -> datetime | None:
    return None if day is None else moments(Span(first=day, last=day))[1]


def _bank_link(party: str, party_id: str) -> Link:
    return Link("money-bank", {"party": party, "id": party_id})


def _next_columns(world: World) -> Sequence[Column]:
    return (
        Column(msg("Kind"), lambda row: told(PARTIES, row[0].party)),
        Column(msg("Whose wallet"), lambda row: holder(row[0].party, row[0].party_id, world)),
        Column(msg("Number"), lambda row: row[0].party_id),
        Column(msg("Amount"), lambda row: rupees_of(row[1]), "money"),
        Column(
            msg("Bank details"),
            lambda row: gettext(BANK[row[2]]),
            link=lambda row: _bank_link(row[0].party, row[0].party_id),
        ),
    )


async def act_pay(visit: Visit, work: Work, world: World) -> Done:
    """Make the payout of the sum that was shown, or none; the same name again pays nothing more."""
    form: PayoutForm = visit.form
    body = NewRun(id=form.id, until=_end(form.until), minimum=form.minimum)
    answer = await make_run(visit.call(body=body), work, world)
    run: Any = answer.content
    if str(total(Money.parse(one.amount) for one in run.lines)) != form.shown:
        raise ApiProblem(CONFLICT, "payout_changed", "what is owed has changed since")
    return outcome(answer, f"{PATH}/{form.id}")


async def read_payout(visit: Visit, work: Work, world: World) -> Found:
    """One payout with its lines."""
    run: Any = (await get_run(visit.call(), work, world)).content
    return Found(
        tables=(
            Table(name="lines", title=msg("Who was paid"), columns=_line_columns(world), rows=run.lines, sums=True),
        ),
        more={"run": run, "state": told(RUNS, run.state), "paid_lines": _paid(run, world)},
    )


def _paid(run: RunView, world: World) -> Sequence[tuple[str, str]]:
    """The lines that may still turn out to have failed, as a choice."""
    return [
        (f"{one.party}:{one.party_id}", f"{told(PARTIES, one.party)}: {holder(one.party, one.party_id, world)}")
        for one in run.lines
        if one.state == "paid"
    ]


def _line_columns(world: World) -> Sequence[Column]:
    return (
        Column(msg("Kind"), lambda one: told(PARTIES, one.party)),
        Column(
            msg("Whose wallet"),
            lambda one: holder(one.party, one.party_id, world),
            link=lambda one: statement_link(Account(Party(one.party), one.party_id, Purpose.WALLET)),
        ),
        Column(msg("Number"), lambda one: one.party_id),
        Column(msg("Amount"), lambda one: rupees_of(one.amount), "money"),
        Column(msg("State"), lambda one: told(STATES, one.state)),
        Column(msg("Reason"), lambda one: one.reason),
        Column(msg("Bank details"), lambda _one: gettext("Look"), link=lambda one: _bank_link(one.party, one.party_id)),
    )


async def read_transfers(visit: Visit, work: Work, world: World) -> Shown:
    """The file for the bank."""
    content: Any = (await bank_file(visit.call(), work, world)).content
    assert isinstance(content, File)  # noqa: S101  the call gives nothing else
    return content


async def act_failed(visit: Visit, work: Work, world: World) -> Done:
    """Take back a payment that did not arrive."""
    form: FailureForm = visit.form
    party, _, party_id = form.whose.partition(":")
    kind: Literal["provider", "worker"] = "provider" if party == "provider" else "worker"
    body = Failure(party=kind, party_id=party_id, reason=form.reason)
    return outcome(await note_failure(visit.call(body=body), work, world), f"{PATH}/{visit.path['id']}")
