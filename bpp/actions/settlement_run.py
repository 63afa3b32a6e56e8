"""A day's run of settlement, in steps: each a unit of work of bounded size, so that nobody waits long for it.

One durable timer, whichever process it wakes, does the next step and sets itself again: at once while the run goes on,
else in an hour. The stages of a run: settlements are prepared from the books, those whose window is over are filed,
and what is overdue is followed up. Between runs only the last is done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import groupby

import structlog

from bpp.actions.grievances import at_buyer_app, tell
from bpp.actions.settlement_sent import send_recon, send_report, send_settle
from bpp.core.settlements import prepared, renewed
from bpp.core.tickets import keep, ticket_of
from bpp.core.world import World
from bpp.issues.model import Complaint
from bpp.orders.assignment import local_day
from bpp.settlement import moves
from bpp.settlement.model import Settlement
from bpp.settlement.plan import Follow, file_today, fileable, follow_up, report_due
from bpp.settlement.states import ReconState
from bpp.settlement.terms import Run, new_run, run_due
from bpp.storage.ports import Timer, Work
from catalog.availability import KOLKATA

log = structlog.get_logger(__name__)
SUBJECT = "run"
EVERY = timedelta(hours=1)
A_DAY = timedelta(days=1)
ASKED_FOR = timedelta(days=30)
"""How long back a settle of no order is looked for that nobody has answered."""
CATEGORY, CODE = "PAYMENT", "PMT01"
"""What we complain of: payment or settlement. IGM 2.0.0 has no code of its own for it."""


async def settlement_due(timer: Timer, work: Work, world: World) -> None:
    """The next step of the run that is under way or due, and the timer set again; out of use, none."""
    if world.rules.settlement.mode == "off":
        await work.timers.cancel(timer.kind, timer.subject)
        return
    await work.settlements.lock()
    last = await work.settlements.last_run()
    if last is None or last.stage == "done":
        last = await _new(last, work, world) if run_due(last, world.now) else _again(last)
    run = await stepped(last, work, world) if last is not None else None
    await wake(work, world, timedelta() if run is not None and run.stage != "done" else EVERY)


def _again(last: Run | None) -> Run | None:
    """A run that is done, to follow up once more."""
    return replace(last, stage="follow", after="") if last is not None else None


async def keep_awake(work: Work, world: World) -> None:
    """Have a first step done, where none is to come."""
    if not await work.timers.due("settlement", [SUBJECT]):
        await wake(work, world, timedelta())


async def begin(work: Work, world: World) -> Run:
    """A run now, whether today's was done or not; the one that is under way, if one is."""
    await work.settlements.lock()
    last = await work.settlements.last_run()
    if last is None or last.ended_at is not None:
        last = await _new(last, work, world)
        await work.settlements.save_run(last)
    await wake(work, world, timedelta())
    return last


async def _new(last: Run | None, work: Work, world: World) -> Run:
    return new_run(last, world.new_id(), world.now, await work.settlements.newest_event())


async def wake(work: Work, world: World, wait: timedelta) -> None:
    """Have the next step done after a while."""
    await work.timers.set(Timer(kind="settlement", subject=SUBJECT, due_at=world.now + wait))


async def stepped(run: Run, work: Work, world: World) -> Run:
    """One step of a run, and the run as it stands then."""
    after = await STEPS[run.stage](run, work, world)
    if after.stage == "done" and after.ended_at is None:
        after = replace(after, ended_at=world.now)
        log.info("settlement_run", prepared=after.prepared, filed=after.filed, followed=after.followed)
    await work.settlements.save_run(after)
    return after


async def _prepare(run: Run, work: Work, world: World) -> Run:
    page = world.rules.settlement.page
    refs = await work.settlements.moved(run, page)
    done = run.prepared
    for ref in refs:
        order = await work.orders.get(ref)
        if order is not None and order.peer is not None:
            done += len(await prepared(order, work, world))
    run = replace(run, prepared=done)
    return replace(run, after=refs[-1]) if len(refs) == page else replace(run, stage="file", after="")


async def _file(run: Run, work: Work, world: World) -> Run:
    page = world.rules.settlement.page
    rows = await work.settlements.to_file(world.now, run.after, page)
    last = len(rows) < page
    due = [one for row in rows if fileable(one := await _to_date(row, work, world), world.now)]
    nil = last and not run.filed and world.rules.settlement.nil and not await _filed_today(work, world)
    for filing in file_today(due, world.now, world.new_id, nil=nil):
        await send_settle(filing, work, world)
    run = replace(run, filed=run.filed + len(due))
    return replace(run, stage="follow", after="") if last else replace(run, after=rows[-1].id)


async def _to_date(one: Settlement, work: Work, world: World) -> Settlement:
    """By the books as they are; a recon that came to nothing may have bound it when they moved."""
    return one if one.recon is ReconState.INACTIVE else await renewed(one, work, world)


async def _filed_today(work: Work, world: World) -> bool:
    midnight = datetime.combine(local_day(world.now), time(), KOLKATA)
    return bool(await work.settlements.filed(midnight, midnight + A_DAY))


async def _follow(run: Run, work: Work, world: World) -> Run:
    page = world.rules.settlement.page
    rows = await work.settlements.to_follow(run.after, page)
    due = [found for one in rows if (found := await _overdue(one, work, world))]
    for follow, several in groupby(sorted(due, key=lambda each: each[0]), key=lambda each: each[0]):
        await FOLLOWED[follow]([one for _, one in several], work, world)
    run = replace(run, followed=run.followed + len(due))
    if len(rows) == page:
        return replace(run, after=rows[-1].id)
    await _ask_again(work, world)
    return replace(run, stage="done", after="")


async def _overdue(one: Settlement, work: Work, world: World) -> tuple[Follow, Settlement] | None:
    """What is to be done about a settlement, and it by the books as they are: what was in dispute may be no more."""
    pace = world.rules.settlement.pace
    if follow_up(one, world.now, pace) is None:
        return None
    one = await renewed(one, work, world)
    found = follow_up(one, world.now, pace)
    return (found, one) if found is not None else None


async def _ask_again(work: Work, world: World) -> None:
    """A report about each MISC and NIL that the agency has said nothing of; in the end, people look at it."""
    for filed in await work.settlements.unanswered(world.now - ASKED_FOR):
        if report_due(filed.filing, world.now, world.rules.settlement.pace):
            await send_report(filed.filing.message_id, (), work, world)


async def _done(run: Run, work: Work, world: World) -> Run:
    del work, world
    return run


STEPS: Mapping[str, Callable[[Run, Work, World], Awaitable[Run]]] = {
    "prepare": _prepare,
    "file": _file,
    "follow": _follow,
    "done": _done,
}


async def _report(several: Sequence[Settlement], work: Work, world: World) -> None:
    for message_id, asked in groupby(sorted(several, key=_message), key=_message):
        await send_report(message_id, list(asked), work, world)


async def _recon(several: Sequence[Settlement], work: Work, world: World) -> None:
    for _, asked in groupby(several, key=lambda one: one.bap_id):
        await send_recon(list(asked), work, world)


async def _retry(several: Sequence[Settlement], work: Work, world: World) -> None:
    tomorrow = local_day(world.now) + A_DAY
    for one in several:
        await work.settlements.save(moves.retried(one, tomorrow, world.now))


async def _give_up(several: Sequence[Settlement], work: Work, world: World) -> None:
    for one in several:
        await work.settlements.save(moves.unanswered(one, "", world.now))


async def _grievance(several: Sequence[Settlement], work: Work, world: World) -> None:
    """A ticket of ours at the buyer app for each, to end in RECONCILED or NOT_RECONCILED."""
    for one in several:
        order = await work.orders.get(one.ref)
        assert order is not None  # noqa: S101  orders are never deleted
        told = f"Settlement {one.shown_id}: the two sides do not come to the same amount"
        issue = at_buyer_app(order, Complaint(code=CODE, category=CATEGORY, sub_category=CODE, short_desc=told), world)
        ticket = await keep(ticket_of(issue, order, world), work, world, new=True)
        await tell(ticket, order, work, world)
        await work.settlements.save(moves.raised(one, ticket.issue.id, world.now))


async def _people(several: Sequence[Settlement], work: Work, world: World) -> None:
    """It stands in the list of what waits for people."""
    del work, world
    log.warning("settlements_wait_for_people", count=len(several))


FOLLOWED: Mapping[Follow, Callable[[Sequence[Settlement], Work, World], Awaitable[None]]] = {
    Follow.REPORT: _report,
    Follow.RECON: _recon,
    Follow.RETRY: _retry,
    Follow.GIVE_UP_RECON: _give_up,
    Follow.GRIEVANCE: _grievance,
    Follow.PEOPLE: _people,
}


def _message(one: Settlement) -> str:
    return one.message_id
