"""Wallets, and the statements of their holders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.world import World
from bpp.ledger.model import Account, Party, Purpose
from bpp.ledger.statement import Statement, statement
from bpp.operator.files import CSV, GivesFile
from bpp.operator.money_fields import MONEY_ROLES, Period, PeriodView, Rupees, as_file, bounds, wire
from bpp.operator.order_models import Moment
from bpp.operator.problems import invalid, not_found
from bpp.operator.routes import Answer, Call, Query, Route
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
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


class StatementView(PeriodView):
    """A wallet from day to day."""

    party: str
    id: str
    opening: Rupees
    entries: list[EntryView]
    closing: Rupees


async def list_wallets(call: Call, work: Work, world: World) -> Answer:
    """Wallets that are not empty."""
    del world
    query: WalletQuery = call.query
    party = Party(query.party) if query.party else None
    found = await work.ledger.balances(AccountFilter(party=party, purpose=Purpose.WALLET))
    rows = [(_key(account), account, amount) for account, amount in sorted(found.items())]
    fitting = [row for row in rows if row[0] > (query.cursor or "")]
    page = fitting[: query.limit]
    items = [WalletView(party=one.party, id=one.party_id, balance=str(-amount)) for _, one, amount in page]
    return Answer(content=WalletPage(items=items, next=page[-1][0] if len(fitting) > len(page) else None))


async def get_statement(call: Call, work: Work, world: World) -> Answer:
    """A wallet's entries with the balance before and after."""
    del world
    found = await statement_of(_wallet(call), call.query, work)
    return Answer(content=wire(_view(found, call.query)))


async def get_statement_csv(call: Call, work: Work, world: World) -> Answer:
    """The same as a file for a spreadsheet, the balances before and after as rows of their own."""
    del world
    view = wire(_view(await statement_of(_wallet(call), call.query, work), call.query))
    rows = [
        {"at": view["from"], "words": "Opening balance", "words_hi": "प्रारंभिक शेष", "balance": view["opening"]},
        *view["entries"],
        {"at": view["until"], "words": "Closing balance", "words_hi": "अंतिम शेष", "balance": view["closing"]},
    ]
    return as_file(rows, STATEMENT_COLUMNS, f"statement-{view['from']}-{view['until']}")


async def statement_of(account: Account, period: Period, work: Work) -> Statement:
    """The statement of any account. Raises ApiProblem 422 for a period that is none, or has too much in it."""
    first, last = bounds(period)
    which = AccountFilter(party=account.party, party_id=account.party_id, purpose=account.purpose)
    before = (await work.ledger.balances(which, first)).get(account, ZERO)
    moved = await work.ledger.statement(account, first=first, last=last, limit=MOST_ENTRIES + 1)
    if len(moved) > MOST_ENTRIES:
        raise invalid(f"a period with at most {MOST_ENTRIES} entries is expected", path="from")
    return statement(account, before, moved)


def _wallet(call: Call) -> Account:
    return Account(_party(call.path["party"]), call.path["id"], Purpose.WALLET)


def _party(text: str) -> Party:
    if text not in (Party.PROVIDER, Party.WORKER):
        raise not_found("wallet of a", text)
    return Party(text)


def _view(found: Statement, period: Period) -> StatementView:
    return StatementView(
        party=found.account.party,
        id=found.account.party_id,
        from_=period.from_,
        until=period.until,
        opening=str(found.opening),
        entries=[EntryView.model_validate(one, from_attributes=True) for one in found.entries],
        closing=str(found.closing),
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
)
