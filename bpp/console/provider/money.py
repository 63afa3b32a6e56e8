"""The provider's wallet: what is to be received, in hand and owed, and every entry of a period with the balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from bpp.console.language import gettext, msg
from bpp.console.money.books import over_time
from bpp.console.money.periods import Span
from bpp.console.page import Day, Page, Shown, Visit
from bpp.console.provider.common import READERS, known_as, provider_of
from bpp.console.sheets import Cell, csv_file, xlsx_file
from bpp.console.shown import said
from bpp.core.world import World
from bpp.ledger.model import Account, Party, Purpose
from bpp.operator.money_fields import Period
from bpp.operator.money_wallets import statement_of
from bpp.operator.routes import Query
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.money import ZERO, Money


class MoneyQuery(Query):
    """Which days; this month where nothing is said."""

    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None


class MoneyFileQuery(MoneyQuery):
    """The same as a file."""

    format: Literal["csv", "xlsx"] = "xlsx"


async def read_money(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The three sums as they stand, and the statement of a period."""
    provider, period = provider_of(visit, world), _period(visit.query, world)
    found = await statement_of(_wallet(provider.id), period, work)
    own = await work.ledger.balances(AccountFilter(party=Party.PROVIDER, party_id=provider.id))
    wallet = -own.get(_wallet(provider.id), ZERO)
    in_hand = -own.get(Account(Party.PROVIDER, provider.id, Purpose.CASH_WITH_WORKERS), ZERO)
    return {
        "provider": provider,
        "period": period,
        "statement": found,
        "received": max(wallet, ZERO),
        "owed": max(-wallet, ZERO),
        "in_hand": in_hand,
        "by_worker": await _in_hand(provider.id, visit, work, world) if in_hand else (),
        "plot": over_time(found, Span(first=period.from_, last=period.until), local_day(world.now)),
    }


def _wallet(provider_id: str) -> Account:
    return Account(Party.PROVIDER, provider_id, Purpose.WALLET)


def _period(query: MoneyQuery, world: World) -> Period:
    today = local_day(world.now)
    until = query.until or today
    return Period.model_validate({"from": query.from_ or min(until, today).replace(day=1), "until": until})


async def _in_hand(provider_id: str, visit: Visit, work: Work, world: World) -> Sequence[tuple[str, Money]]:
    """The cash that each of the provider's workers has taken and not handed over."""
    held = await work.ledger.balances(AccountFilter(party=Party.WORKER, purpose=Purpose.CASH_IN_HAND))
    team = {one.id: one for one in world.catalog.workers_of.get(provider_id, ())}
    return [
        (known_as(team[one.party_id], visit), amount) for one, amount in sorted(held.items()) if one.party_id in team
    ]


HEADER = (msg("When"), msg("What"), msg("Order"), msg("Note"), msg("Out"), msg("In"), msg("Balance"))


async def read_money_file(visit: Visit, work: Work, world: World) -> Shown:
    """The statement for a spreadsheet, with the balances before and after."""
    provider, period = provider_of(visit, world), _period(visit.query, world)
    found = await statement_of(_wallet(provider.id), period, work)
    rows: list[Sequence[Cell]] = [(period.from_, gettext("Balance before"), "", "", None, None, _cell(found.opening))]
    rows += [
        (
            one.at,
            said({"en": one.words, "hi": one.words_hi}),
            one.ref,
            one.memo,
            _cell(one.debit),
            _cell(one.credit),
            _cell(one.balance),
        )
        for one in found.entries
    ]
    rows.append((period.until, gettext("Balance after"), "", "", None, None, _cell(found.closing)))
    make = csv_file if visit.query.format == "csv" else xlsx_file
    return make(f"{provider.id}-{period.from_}-{period.until}", [gettext(one) for one in HEADER], rows)


def _cell(amount: Money) -> Decimal:
    return Decimal(str(amount))


MONEY = "/provider/{provider}/money"
PAGES = (
    Page(
        path=MONEY,
        name="provider-money",
        title=msg("Money"),
        roles=READERS,
        read=read_money,
        template="provider_money.html",
        query=MoneyQuery,
    ),
    Page(
        path=f"{MONEY}/file",
        name="provider-money-file",
        title=msg("Money"),
        roles=READERS,
        read=read_money_file,
        template="",
        query=MoneyFileQuery,
    ),
)
