"""The books: every account on its side, and what was posted for one order."""

from __future__ import annotations

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.world import World
from bpp.ledger.model import balances
from bpp.ledger.statement import TrialBalance, trial_balance
from bpp.operator.ledger_views import BOOKS_ROLES, line_view, posting_view
from bpp.operator.money_fields import MONEY_ROLES, Day, Rupees
from bpp.operator.order_models import LedgerLine, LedgerPosting
from bpp.operator.problems import not_found
from bpp.operator.routes import Answer, Call, Query, Route
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.availability import Horizon


class BalancesView(BaseModel):
    """The trial balance: the sides are equal."""

    accounts: list[LedgerLine]
    debit: Rupees
    credit: Rupees


class BalanceQuery(Query):
    """When."""

    until: Day | None = Field(default=None, description="last day, included; empty: as the books stand")


class OrderLedger(BaseModel):
    """Every posting of one order, oldest first, and what of it each account has left."""

    ref: str
    postings: list[LedgerPosting]
    balances: list[LedgerLine]


async def get_balances(call: Call, work: Work, world: World) -> Answer:
    """Every account that is not empty, on its side."""
    del world
    day = call.query.until
    until = Horizon(day, 1).end if day else None
    return Answer(content=_balances(trial_balance(await work.ledger.balances(AccountFilter(), until))))


async def get_order_ledger(call: Call, work: Work, world: World) -> Answer:
    """Every line of one order: what explains one rupee."""
    del world
    ref = call.path["ref"]
    postings = await work.ledger.of_order(ref)
    if not postings and await work.orders.get(ref) is None:
        raise not_found("order", ref)
    left = balances(line for one in postings for line in one.lines)
    rest = [line_view(account, amount) for account, amount in left.items()]
    return Answer(content=OrderLedger(ref=ref, postings=[posting_view(one) for one in postings], balances=rest))


def _balances(found: TrialBalance) -> BalancesView:
    accounts = [line_view(account, amount) for account, amount in found.rows]
    return BalancesView(accounts=accounts, debit=str(found.debit), credit=str(found.credit))


ROUTES = (
    Route(
        method="GET",
        path="/balances",
        name="get-balances",
        tag="money",
        summary="The trial balance: every account on its side",
        handler=get_balances,
        query=BalanceQuery,
        answer=TypeAdapter(BalancesView),
        roles=MONEY_ROLES,
    ),
    Route(
        method="GET",
        path="/orders/{ref}/ledger",
        name="get-order-ledger",
        tag="money",
        summary="Every line in the books of one order",
        handler=get_order_ledger,
        answer=TypeAdapter(OrderLedger),
        problems={404: "no such order"},
        roles=BOOKS_ROLES,
    ),
)
