"""Receipts: what came in, was handed over or was paid; one table of kinds says which fields each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from bpp.console.language import gettext, msg
from bpp.console.money.fields import Amount, Price
from bpp.console.money.overview import period_of
from bpp.console.money.periods import Span
from bpp.console.money.tables import Column, Found, PeriodQuery, Table, rupees_of, whole
from bpp.console.money.words import ACCOUNTS, RECEIPTS, holder, told
from bpp.console.page import Done, Form, Visit, outcome
from bpp.console.shown import named, rupees
from bpp.core.world import World
from bpp.ledger.model import Account, Party, Purpose
from bpp.ledger.receipts import TAXES, ReceiptKind
from bpp.operator.money_receipts import NETWORK, NewReceipt, ReceiptQuery, list_receipts, post_receipt
from bpp.operator.problems import not_found, of_validation
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.money import ZERO, Money

PATH = "/console/money/receipts"
NEW: TypeAdapter[Any] = TypeAdapter(NewReceipt)
Option = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What is asked for a kind of receipt: who paid (a text of the catalogs), of which account how much is there.

    ``side``: 1 where debits are listed, -1 where credits are.
    """

    who: str
    purposes: Sequence[Purpose]
    side: int
    party: Party
    fees: bool = False
    to_provider: bool = False


KINDS: Mapping[str, Kind] = {
    ReceiptKind.BUYER_APP_SETTLEMENT: Kind(
        who=msg("Which buyer app"), purposes=(Purpose.COLLECTED,), side=1, party=Party.BUYER_APP, fees=True
    ),
    ReceiptKind.PROVIDER_PAYMENT: Kind(
        who=msg("Which provider"), purposes=(Purpose.WALLET,), side=1, party=Party.PROVIDER
    ),
    ReceiptKind.CASH_HANDOVER: Kind(
        who=msg("Which Sewamitra"), purposes=(Purpose.CASH_IN_HAND,), side=1, party=Party.WORKER, to_provider=True
    ),
    ReceiptKind.TAX_PAYMENT: Kind(who=msg("Which tax"), purposes=TAXES, side=-1, party=Party.TAX),
    ReceiptKind.NETWORK_FEE_PAYMENT: Kind(
        who=msg("To whom"), purposes=(Purpose.NETWORK_FEE,), side=-1, party=Party.NETWORK
    ),
    ReceiptKind.CONSUMER_REFUND: Kind(
        who=msg("For which order"), purposes=(Purpose.DUE,), side=-1, party=Party.CONSUMER
    ),
}


class ReceiptsQuery(PeriodQuery):
    """Which days, which kind; empty: all."""

    kind: str = ""


class ReceiptForm(Form):
    """A receipt; of the fields that its kind does not have none may be given."""

    payer: str = Field(max_length=200)
    reference: str = Field(max_length=100)
    amount: Price
    finder_fee: Amount = "0.00"
    finder_fee_gst: Amount = "0.00"
    provider_id: str = ""
    note: str = Field(default="", max_length=500)


async def read_receipts(visit: Visit, span: Span, work: Work, world: World) -> Found:
    """Receipts of a period, the newest first."""
    kind = visit.query.kind
    if kind and kind not in KINDS:
        raise not_found("kind of receipt", kind)
    query = ReceiptQuery.model_validate({**period_of(span).model_dump(by_alias=True), "kind": kind or None})
    found = await whole(list_receipts, query, visit, work, world)
    return Found(
        tables=(
            Table(name="receipts", title=msg("Receipts of the period"), columns=_columns(world), rows=found, sums=True),
        ),
        more={"kind": kind},
    )


def kinds() -> Mapping[str, Any]:
    """The kinds of receipts that may be recorded, with their names, whatever period is looked at."""
    return {"kinds": [(code, gettext(text)) for code, text in RECEIPTS.items()]}


def _payer(one: Any, world: World) -> str:
    if one.kind == ReceiptKind.PROVIDER_PAYMENT:
        return holder(Party.PROVIDER, one.payer, world)
    if one.kind == ReceiptKind.TAX_PAYMENT:
        return gettext(ACCOUNTS[Purpose(one.payer)])
    return str(one.payer)


def _columns(world: World) -> Sequence[Column]:
    return (
        Column(msg("Recorded at"), lambda one: one.at, "moment"),
        Column(msg("Kind"), lambda one: told(RECEIPTS, one.kind)),
        Column(msg("Who, or for what"), lambda one: _payer(one, world)),
        Column(msg("Reference (of the bank or the receipt book)"), lambda one: one.reference),
        Column(msg("Amount"), lambda one: rupees_of(one.amount), "money"),
        Column(msg("Finder fee kept back"), lambda one: rupees_of(one.finder_fee), "money"),
        Column(msg("GST on that"), lambda one: rupees_of(one.finder_fee_gst), "money"),
        Column(
            msg("To provider"), lambda one: holder(Party.PROVIDER, one.provider_id, world) if one.provider_id else ""
        ),
        Column(msg("Note"), lambda one: one.note),
        Column(msg("Recorded by"), lambda one: one.recorded_by),
    )


async def read_new(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The form of a kind, with who may be meant and how much the books have there."""
    kind = _kind(visit)
    asked = KINDS[kind]
    there: dict[Account, Money] = {}
    for purpose in asked.purposes:
        there |= await work.ledger.balances(AccountFilter(party=asked.party, purpose=purpose))
    return {
        "kind": kind,
        "asked": asked,
        "what": told(RECEIPTS, kind),
        "who": gettext(asked.who),
        "payers": payers(kind, there, world),
        "providers": [(one.id, named(one)) for one in sorted(world.catalog.providers.values(), key=named)],
    }


def payers(kind: str, there: Mapping[Account, Money], world: World) -> Sequence[Option]:
    """Who may be chosen: whoever the books have an amount for; of providers all, since one may pay ahead."""
    side = KINDS[kind].side
    found = {_payer_of(kind, account): amount for account, amount in there.items() if amount.paise * side > 0}
    options = [(payer, _option(kind, payer, world, amount)) for payer, amount in found.items()]
    if kind == ReceiptKind.PROVIDER_PAYMENT:
        others = sorted(one for one in world.catalog.providers if one not in found)
        options += [(one, holder(Party.PROVIDER, one, world)) for one in others]
    return options


def _payer_of(kind: str, account: Account) -> str:
    if kind == ReceiptKind.TAX_PAYMENT:
        return account.purpose
    return NETWORK if kind == ReceiptKind.NETWORK_FEE_PAYMENT else account.party_id


def _option(kind: str, payer: str, world: World, amount: Money) -> str:
    name = holder(KINDS[kind].party, payer, world)
    if kind == ReceiptKind.TAX_PAYMENT:
        name = gettext(ACCOUNTS[Purpose(payer)])
    return f"{name}: {rupees(max(amount, ZERO - amount))}"


async def act_record(visit: Visit, work: Work, world: World) -> Done:
    """Record the receipt; the same reference of the same payer again records nothing more."""
    kind, form = _kind(visit), visit.form
    try:
        body = NEW.validate_python({"kind": kind, **form.model_dump(exclude_unset=True)})
    except ValidationError as problem:
        raise of_validation(problem, tagged=True) from problem
    return outcome(await post_receipt(visit.call(body=body), work, world), PATH)


def _kind(visit: Visit) -> str:
    kind = visit.path["kind"]
    if kind not in KINDS:
        raise not_found("kind of receipt", kind)
    return kind
