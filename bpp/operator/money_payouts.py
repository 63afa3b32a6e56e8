"""Payout runs: make one, look at them, take the bank's file, note what did not arrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, TypeAdapter

from bpp.core.bank import shown_bank_details
from bpp.core.payouts import fail_line, pay_out
from bpp.core.world import World
from bpp.ledger.model import Account, Party
from bpp.ledger.payouts import BANK_COLUMNS, PayoutRefused, PayoutRun, bank_rows
from bpp.operator.files import CSV, GivesFile
from bpp.operator.money_fields import MONEY_ROLES, Amount, Name, Rupees, as_file
from bpp.operator.order_models import Moment
from bpp.operator.problems import CONFLICT, ApiProblem, not_found
from bpp.operator.routes import Answer, Body, Call, Query, Route
from bpp.storage.ports import Work
from catalog.money import ZERO, Money, total

RunId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class NewRun(Body):
    """Pay every wallet what it is owed. The same id again pays nothing."""

    id: RunId = Field(description="yours, one for each run", examples=["2026-11-30"])
    until: AwareDatetime | None = Field(
        default=None, description="what was owed before this moment; empty: now. A repeated run may leave it out"
    )
    minimum: Amount = Field(default="1.00", description="wallets with less wait")


class Failure(Body):
    """A transfer that the bank did not carry out."""

    party: Literal["provider", "worker"]
    party_id: Name
    reason: Name


class PayoutQuery(Query):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: str | None = Field(default=None, description="`next` of the page before")


class PayoutLineView(BaseModel):
    """What one wallet was paid; `failed`: taken back."""

    party: str
    party_id: str
    amount: Rupees
    state: str
    posting_id: str
    reversal_id: str
    reason: str


class RunSummary(BaseModel):
    """A run: what was paid in all and what of it failed. The `state` is `paid`, `part_failed` or `failed`."""

    id: str
    state: str
    at: Moment
    until: Moment
    minimum: Rupees
    recorded_by: str
    wallets: int
    paid: Rupees
    failed: Rupees


class RunView(RunSummary):
    """A run with its lines."""

    lines: list[PayoutLineView]


class RunPage(BaseModel):
    """Runs, newest first."""

    items: list[RunSummary]
    next: str | None = Field(description="cursor of the next page")


async def make_run(call: Call, work: Work, world: World) -> Answer:
    """Pay what is owed, once."""
    body: NewRun = call.body
    try:
        run = await pay_out(body.id, body.until, Money.parse(body.minimum), call.caller.name, work, world)
    except PayoutRefused as problem:
        raise _refused(problem) from problem
    return Answer(content=_view(run), status=201)


async def list_runs(call: Call, work: Work, world: World) -> Answer:
    """Runs, newest first."""
    del world
    query: PayoutQuery = call.query
    found = await work.payouts.runs(query.cursor, query.limit + 1)
    page = found[: query.limit]
    more = page[-1].id if len(found) > len(page) else None
    return Answer(content=RunPage(items=[RunSummary(**_summary(one)) for one in page], next=more))


async def get_run(call: Call, work: Work, world: World) -> Answer:
    """One run with its lines."""
    del world
    return Answer(content=_view(await _known(call, work)))


async def bank_file(call: Call, work: Work, world: World) -> Answer:
    """What the bank is to transfer, with bank details as far as they are known; each leaves a row of who read it."""
    run = await _known(call, work)
    known: dict[Account, Mapping[str, str]] = {}
    for wallet in (line.wallet for line in run.lines if line.state == "paid"):
        found = await shown_bank_details(wallet.party, wallet.party_id, call.caller.reader, work, world)
        if found is not None:
            known[wallet] = {
                "beneficiary": found.beneficiary,
                "account": found.account,
                "ifsc": found.ifsc,
                "upi": found.upi,
            }
    return as_file(bank_rows(run, known), BANK_COLUMNS, f"payout-{run.id}")


async def note_failure(call: Call, work: Work, world: World) -> Answer:
    """Take back a payment that did not arrive."""
    body: Failure = call.body
    try:
        run = await fail_line(call.path["id"], Party(body.party), body.party_id, body.reason, work, world)
    except PayoutRefused as problem:
        raise _refused(problem) from problem
    return Answer(content=_view(run))


async def _known(call: Call, work: Work) -> PayoutRun:
    run = await work.payouts.run(call.path["id"])
    if run is None:
        raise not_found("payout run", call.path["id"])
    return run


def _refused(problem: PayoutRefused) -> ApiProblem:
    if problem.unknown:
        return ApiProblem(404, "not_found", str(problem), path=problem.path)
    return ApiProblem(CONFLICT, "payout_refused", str(problem), path=problem.path)


def _summary(run: PayoutRun) -> dict[str, object]:
    failed = total(line.amount for line in run.lines if line.state == "failed")
    paid = total(line.amount for line in run.lines if line.state == "paid")
    states = {(True, False): "part_failed", (True, True): "failed"}
    return {
        "id": run.id,
        "state": states.get((failed != ZERO, paid == ZERO), "paid"),
        "at": run.at,
        "until": run.until,
        "minimum": run.minimum,
        "recorded_by": run.recorded_by,
        "wallets": len(run.lines),
        "paid": paid,
        "failed": failed,
    }


def _view(run: PayoutRun) -> RunView:
    lines = [PayoutLineView.model_validate(one, from_attributes=True) for one in run.lines]
    return RunView.model_validate({**_summary(run), "lines": lines})


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/payouts",
        name="list-payouts",
        tag="money",
        summary="Payout runs, newest first",
        handler=list_runs,
        query=PayoutQuery,
        answer=TypeAdapter(RunPage),
        roles=MONEY_ROLES,
    ),
    Route(
        method="POST",
        path="/payouts",
        name="make-payout",
        tag="money",
        summary="Pay every wallet what it is owed, once per id",
        handler=make_run,
        body=TypeAdapter(NewRun),
        answer=TypeAdapter(RunView),
        status=201,
        problems={409: "the id was used for another moment or minimum, or the moment is yet to come"},
        roles=MONEY_ROLES,
    ),
    Route(
        method="GET",
        path="/payouts/{id}",
        name="get-payout",
        tag="money",
        summary="One payout run with its lines",
        handler=get_run,
        answer=TypeAdapter(RunView),
        problems={404: "no such run"},
        roles=MONEY_ROLES,
    ),
    Route(
        method="GET",
        path="/payouts/{id}/transfers.csv",
        name="get-payout-file",
        tag="money",
        summary="The transfers of a payout run as a CSV file for the bank",
        handler=bank_file,
        answer=GivesFile(media_types=(CSV,)),
        problems={404: "no such run", 500: "bank details of a wallet do not open; the message says whose"},
        roles=MONEY_ROLES,
        audited=True,
    ),
    Route(
        method="POST",
        path="/payouts/{id}/failures",
        name="note-payout-failure",
        tag="money",
        summary="Take back a payment of a run that did not arrive",
        handler=note_failure,
        body=TypeAdapter(Failure),
        answer=TypeAdapter(RunView),
        problems={404: "no such run, or it did not pay that wallet"},
        roles=MONEY_ROLES,
    ),
)
