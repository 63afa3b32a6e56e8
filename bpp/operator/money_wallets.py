"""Wallets, their statements, every account on its side, and what was posted for one order."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.world import World
from bpp.ledger.model import Account, Party, Posting, Purpose
from bpp.ledger.statement import Statement, TrialBalance, statement, trial_balance, words_of
from bpp.operator.files import CSV, GivesFile
from bpp.operator.money_fields import MONEY_ROLES, Day, Period, Rupees, as_file, bounds
from bpp.operator.order_models import Moment
from bpp.operator.problems import invalid, not_found
from bpp.operator.routes import Answer, Call, Query, Route
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.availability import Horizon
from catalog.moments import wire_time
from catalog.money import ZERO

MOST_ENTRIES = 5_000
"""Entries of one statement; for more, a shorter period is asked for."""
STATEMENT_COLUMNS = (
    "at", "ref", "part", "words", "words_hi", "memo", "debit", "credit", "balance", "posting_id"
)  # fmt: skip


class WalletQuery(Query):
    """Which wallets."""

    party: Literal["provider", "worker"] | None = None
    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: str | None = Field(default=None, description="`next` of the page before")


class WalletView(BaseModel):
    """What a provider or a worker is owed; negative: what it owes."""

    party: str
    id: str
    balance: Rupees


class WalletPage(BaseModel):
    """Wallets that are not empty, by party and id."""

    items: list[WalletView]
    next: str | None = Field(description="cursor of the next page")


class EntryView(BaseModel):
    """One entry. ``balance`` is what the holder is owed after it."""

    at: Moment
    posting_id: str
    ref: str = Field(description="the order, where it belongs to one")
    part: str
    words: str
    words_hi: str
    memo: str
    debit: Rupees
    credit: Rupees
    balance: Rupees


class StatementView(BaseModel):
    """A wallet from day to day."""

    party: str
    id: str
    from_: str = Field(serialization_alias="from")
    until: str
    opening: Rupees
    entries: list[EntryView]
    closing: Rupees


class AccountView(BaseModel):
    """One account, on one side."""

    party: str
    id: str
    purpose: str
    debit: Rupees
    credit: Rupees


class BalancesView(BaseModel):
    """The trial balance: the sides are equal."""

    accounts: list[AccountView]
    debit: Rupees
    credit: Rupees


class BalanceQuery(Query):
    """When."""

    until: Day | None = Field(default=None, description="last day, included; empty: as the books stand")


class LineView(BaseModel):
    """One line of a posting."""

    party: str
    id: str
    purpose: str
    debit: Rupees
    credit: Rupees


class PostingView(BaseModel):
    """One posting: its lines balance."""

    id: str
    at: Moment
    part: str
    words: str
    words_hi: str
    memo: str
    reverses: str = Field(description="id of the posting that this one undid")
    lines: list[LineView]


class OrderLedger(BaseModel):
    """Every posting of one order, oldest first, and what of it each account has left."""

    ref: str
    postings: list[PostingView]
    balances: list[LineView]


async def list_wallets(call: Call, work: Work, world: World) -> Answer:
    """Wallets that are not empty."""
    del world
    query: WalletQuery = call.query
    party = Party(query.party) if query.party else None
    found = await work.ledger.balances(AccountFilter(party=party, purpose=Purpose.WALLET))
    rows = [(_key(account), account, amount) for account, amount in sorted(found.items())]
    fitting = [row for row in rows if row[0] > (query.cursor or "")]
    page = fitting[: query.limit]
    items = [WalletView(party=one.party, id=one.party_id, balance=-amount) for _, one, amount in page]
    return Answer(content=WalletPage(items=items, next=page[-1][0] if len(fitting) > len(page) else None))


async def get_statement(call: Call, work: Work, world: World) -> Answer:
    """A wallet's entries with the balance before and after."""
    del world
    found = await _statement(call, work)
    return Answer(content=_wire(_view(found, call.query)))


async def get_statement_csv(call: Call, work: Work, world: World) -> Answer:
    """The same as a file for a spreadsheet, the balances before and after as rows of their own."""
    del world
    view = _wire(_view(await _statement(call, work), call.query))
    rows = [
        {"at": view["from"], "words": "Opening balance", "words_hi": "प्रारंभिक शेष", "balance": view["opening"]},
        *view["entries"],
        {"at": view["until"], "words": "Closing balance", "words_hi": "अंतिम शेष", "balance": view["closing"]},
    ]
    return as_file(rows, STATEMENT_COLUMNS, f"statement-{view['from']}-{view['until']}")


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
    left: dict[Account, Any] = {}
    for line in (line for one in postings for line in one.lines):
        left[line.account] = left.get(line.account, ZERO) + line.amount
    rest = [_line(account, amount) for account, amount in sorted(left.items()) if amount != ZERO]
    return Answer(content=OrderLedger(ref=ref, postings=[_posting(one) for one in postings], balances=rest))


async def _statement(call: Call, work: Work) -> Statement:
    account = Account(_party(call.path["party"]), call.path["id"], Purpose.WALLET)
    first, last = bounds(call.query)
    which = AccountFilter(party=account.party, party_id=account.party_id, purpose=account.purpose)
    before = (await work.ledger.balances(which, first)).get(account, ZERO)
    moved = await work.ledger.statement(account, first=first, last=last, limit=MOST_ENTRIES + 1)
    if len(moved) > MOST_ENTRIES:
        raise invalid(f"a period with at most {MOST_ENTRIES} entries is expected", path="from")
    return statement(account, before, moved)


def _party(text: str) -> Party:
    if text not in (Party.PROVIDER, Party.WORKER):
        raise not_found("wallet of a", text)
    return Party(text)


def _view(found: Statement, period: Period) -> StatementView:
    return StatementView(
        party=found.account.party,
        id=found.account.party_id,
        from_=period.from_.isoformat(),
        until=period.until.isoformat(),
        opening=found.opening,
        entries=[EntryView.model_validate(one, from_attributes=True) for one in found.entries],
        closing=found.closing,
    )


def _wire(view: StatementView) -> dict[str, Any]:
    return view.model_dump(mode="json", by_alias=True)


def _balances(found: TrialBalance) -> BalancesView:
    accounts = [AccountView(**_line(account, amount).model_dump()) for account, amount in found.rows]
    return BalancesView(accounts=accounts, debit=found.debit, credit=found.credit)


def _line(account: Account, amount: Any) -> LineView:
    return LineView(
        party=account.party,
        id=account.party_id,
        purpose=account.purpose,
        debit=max(amount, ZERO),
        credit=max(-amount, ZERO),
    )


def _posting(one: Posting) -> PostingView:
    english, hindi = words_of(one)
    return PostingView(
        id=one.id,
        at=one.at,
        part=one.part,
        words=english,
        words_hi=hindi,
        memo=one.memo,
        reverses=one.reverses,
        lines=[_line(line.account, line.amount) for line in one.lines],
    )


def _key(account: Account) -> str:
    return f"{account.party}:{account.party_id}"


ROUTES = (
    Route(
        method="GET",
        path="/wallets",
        name="list-wallets",
        tag="money",
        summary="Wallets that are not empty",
        handler=list_wallets,
        query=WalletQuery,
        answer=TypeAdapter(WalletPage),
        roles=MONEY_ROLES,
    ),
    Route(
        method="GET",
        path="/wallets/{party}/{id}/statement",
        name="get-statement",
        tag="money",
        summary="A wallet's entries with the balance before and after each",
        handler=get_statement,
        query=Period,
        answer=TypeAdapter(StatementView),
        problems={404: "neither provider nor worker"},
        roles=MONEY_ROLES,
    ),
    Route(
        method="GET",
        path="/wallets/{party}/{id}/statement.csv",
        name="get-statement-file",
        tag="money",
        summary="A wallet's statement as a CSV file",
        handler=get_statement_csv,
        query=Period,
        answer=GivesFile(media_types=(CSV,)),
        problems={404: "neither provider nor worker"},
        roles=MONEY_ROLES,
    ),
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
        roles=MONEY_ROLES | {"operator"},
    ),
)
