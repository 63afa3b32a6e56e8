"""Settlement with buyer apps: what is settled, what waits, and what an accountant does about it."""

from __future__ import annotations

from pydantic import TypeAdapter

from bpp.actions.settlement_run import begin
from bpp.actions.settlement_sent import send_recon, send_settle
from bpp.core.settlements import renewed, take_answer
from bpp.core.world import World
from bpp.operator.files import CSV, File, GivesFile, TakesFile
from bpp.operator.money_fields import MONEY_ROLES, Period, bounds
from bpp.operator.problems import CONFLICT, UNPROCESSABLE, ApiProblem, not_found
from bpp.operator.routes import Answer, Call, Nothing, Query, Route
from bpp.operator.settlement_models import (
    CountView,
    FilingPage,
    FilingView,
    OwnPayoutRequest,
    ReadView,
    RunView,
    SettlementPage,
    SettlementQuery,
    SettlementView,
    StandingView,
)
from bpp.operator.settlement_views import filing_view, run_view, settlement_view
from bpp.settlement import moves
from bpp.settlement.files import MOST_BYTES, UnreadableAnswer, filed_csv, read_answers
from bpp.settlement.judge_settle import Outcome, Said
from bpp.settlement.model import Refused, Settlement
from bpp.settlement.plan import file_today
from bpp.settlement.states import OutOfOrder
from bpp.storage.ports import Work
from bpp.storage.ports_settlements import SettlementFilter
from catalog.money import Money

OFF = "settlement is off (BPP_SETTLEMENT)"


async def get_standing(call: Call, work: Work, world: World) -> Answer:
    """How settlement stands."""
    del call
    terms, last = world.rules.settlement, await work.settlements.last_run()
    counts = await work.settlements.counts()
    return Answer(
        content=StandingView(
            mode=terms.mode,
            agency=terms.agency_id,
            run=run_view(last) if last is not None else None,
            counts=[CountView(state=state, recon=recon, count=n) for (state, recon), n in sorted(counts.items())],
        )
    )


async def list_settlements(call: Call, work: Work, world: World) -> Answer:
    """Settlements that fit, those that are ready last before others."""
    query: SettlementQuery = call.query
    which = SettlementFilter(
        state=query.state,
        recon=query.recon,
        bap_id=query.bap_id,
        order_ref=query.order_ref,
        open=query.open,
        after=query.cursor,
        limit=query.limit + 1,
    )
    rows = await work.settlements.find(which)
    page = rows[: query.limit]
    more = page[-1].id if len(rows) > len(page) else None
    return Answer(content=SettlementPage(items=[settlement_view(one, world) for one in page], next=more))


async def get_settlement(call: Call, work: Work, world: World) -> Answer:
    """One settlement."""
    return Answer(content=settlement_view(await settlement_at(call, work), world))


async def post_concede(call: Call, work: Work, world: World) -> Answer:
    """Give in: what the buyer app says is filed, and what lies between keeps its name."""
    await work.settlements.lock()
    try:
        after = moves.conceded(await renewed(await settlement_at(call, work), work, world), world.now)
    except OutOfOrder as problem:
        raise out_of_order(problem) from problem
    await work.settlements.save(after)
    return Answer(content=settlement_view(after, world))


async def post_recon(call: Call, work: Work, world: World) -> Answer:
    """Compare with the buyer app now."""
    await work.settlements.lock()
    one = await renewed(await settlement_at(call, work), work, world)
    try:
        await send_recon([one], work, world)
    except OutOfOrder as problem:
        raise out_of_order(problem) from problem
    return Answer(content=settlement_view(await settlement_at(call, work), world))


async def post_run(call: Call, work: Work, world: World) -> Answer:
    """Begin a run now; it is done in steps, by whichever process has time."""
    del call
    _check_on(world)
    return Answer(content=run_view(await begin(work, world)), status=202)


async def post_own_payout(call: Call, work: Work, world: World) -> Answer:
    """File a payout of our own (MISC)."""
    asked: OwnPayoutRequest = call.body
    _check_on(world)
    await work.settlements.lock()
    (filing,) = file_today((), world.now, world.new_id, payouts=[Money.parse(asked.amount)])
    await send_settle(filing, work, world)
    filed = await work.settlements.filing(filing.message_id)
    assert filed is not None  # noqa: S101  just filed
    return Answer(content=filing_view(filed), status=201)


async def list_filings(call: Call, work: Work, world: World) -> Answer:
    """What was filed in a period, and what was answered."""
    del world
    filed = await work.settlements.filed(*bounds(call.query))
    return Answer(content=FilingPage(items=[filing_view(one) for one in filed]))


async def get_filed_file(call: Call, work: Work, world: World) -> Answer:
    """What was filed in a period, as a file for the agency."""
    filed = await work.settlements.filed(*bounds(call.query))
    text = filed_csv([one.filing for one in filed], world.identity.subscriber_id)
    name = f"settle-{call.query.from_}-{call.query.until}.csv"
    return Answer(content=File(content=text.encode(), media_type=CSV, name=name))


async def post_answers(call: Call, work: Work, world: World) -> Answer:
    """Take in a file of the agency's answers, all of it or nothing."""
    said: tuple[Said, ...] = call.body
    outcomes: list[Outcome] = []
    for one in said:
        try:
            outcomes += await take_answer(one, None, work, world)
        except Refused as refused:
            text = f"settle {one.message_id}: {refused.expected} is expected ({refused.code})"
            raise ApiProblem(UNPROCESSABLE, "answer_refused", text, path=refused.path) from refused
    settled = sum(one.settled for one in outcomes)
    return Answer(content=ReadView(settles=len(said), settled=settled, not_settled=len(outcomes) - settled))


def _answers(content: bytes) -> tuple[Said, ...]:
    try:
        return read_answers(content)
    except UnreadableAnswer as problem:
        raise ApiProblem(UNPROCESSABLE, "unreadable", str(problem), path=f"line {problem.line}") from problem


async def settlement_at(call: Call, work: Work) -> Settlement:
    """The settlement that a call names, or 404."""
    settlement_id = call.path["settlement"]
    one = await work.settlements.get(settlement_id)
    if one is None:
        raise not_found("settlement", settlement_id)
    return one


def out_of_order(problem: OutOfOrder) -> ApiProblem:
    """What its state does not allow: 409 with what is possible."""
    return ApiProblem(CONFLICT, "not_allowed", str(problem), allowed=problem.allowed)


def _check_on(world: World) -> None:
    if world.rules.settlement.mode == "off":
        raise ApiProblem(CONFLICT, "settlement_off", OFF)


PROBLEMS = {404: "no such settlement", 409: "its state does not allow it; `allowed` names what is possible"}
ROUTES = (
    Route(
        method="GET",
        path="/settlements",
        name="list-settlements",
        tag="settlement",
        summary="What is settled with buyer apps, order by order",
        handler=list_settlements,
        query=SettlementQuery,
        answer=TypeAdapter(SettlementPage),
        roles=MONEY_ROLES,
    ),
    Route(
        method="GET",
        path="/settlement",
        name="get-settlement-standing",
        tag="settlement",
        summary="Whether and with whom it is settled, the newest run, and how many are in which state",
        handler=get_standing,
        query=Query,
        answer=TypeAdapter(StandingView),
        roles=MONEY_ROLES,
    ),
    Route(
        method="POST",
        path="/settlement/run",
        name="run-settlement",
        tag="settlement",
        summary="Begin a run now: prepare from the books, file what is due, follow up",
        handler=post_run,
        body=TypeAdapter(Nothing),
        answer=TypeAdapter(RunView),
        status=202,
        problems={409: "settlement is off"},
        roles=MONEY_ROLES,
    ),
    Route(
        method="POST",
        path="/settlement/own-payouts",
        name="file-own-payout",
        tag="settlement",
        summary="File a payout of our own through the agency (MISC)",
        handler=post_own_payout,
        body=TypeAdapter(OwnPayoutRequest),
        answer=TypeAdapter(FilingView),
        status=201,
        problems={409: "settlement is off"},
        roles=MONEY_ROLES,
    ),
    Route(
        method="GET",
        path="/settlement/filings",
        name="list-filings",
        tag="settlement",
        summary="What was filed in a period, and what was answered",
        handler=list_filings,
        query=Period,
        answer=TypeAdapter(FilingPage),
        roles=MONEY_ROLES,
    ),
    Route(
        method="GET",
        path="/settlement/filings.csv",
        name="get-filings-file",
        tag="settlement",
        summary="The same as a file for an agency that exchanges files",
        handler=get_filed_file,
        query=Period,
        answer=GivesFile(media_types=(CSV,)),
        roles=MONEY_ROLES,
    ),
    Route(
        method="POST",
        path="/settlement/answers",
        name="read-answers",
        tag="settlement",
        summary="Take in a file of the agency's answers, all of it or nothing",
        handler=post_answers,
        body=TakesFile(media_types=(CSV,), most=MOST_BYTES, read=_answers),
        answer=TypeAdapter(ReadView),
        problems={422: "the file cannot be read, or answers what was not filed"},
        roles=MONEY_ROLES,
    ),
    Route(
        method="GET",
        path="/settlements/{settlement}",
        name="get-settlement",
        tag="settlement",
        summary="One settlement",
        handler=get_settlement,
        answer=TypeAdapter(SettlementView),
        problems={404: "no such settlement"},
        roles=MONEY_ROLES,
    ),
    Route(
        method="POST",
        path="/settlements/{settlement}/concede",
        name="concede-settlement",
        tag="settlement",
        summary="File what the buyer app says, and keep the difference under its name",
        handler=post_concede,
        body=TypeAdapter(Nothing),
        answer=TypeAdapter(SettlementView),
        problems=PROBLEMS,
        roles=MONEY_ROLES,
    ),
    Route(
        method="POST",
        path="/settlements/{settlement}/recon",
        name="recon-settlement",
        tag="settlement",
        summary="Compare it with the buyer app now",
        handler=post_recon,
        body=TypeAdapter(Nothing),
        answer=TypeAdapter(SettlementView),
        problems=PROBLEMS,
        roles=MONEY_ROLES,
    ),
)
