"""What was said about a settlement, with the agency and with the buyer app, in words of everyday."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bpp.console.language import gettext, msg
from bpp.console.money import network_words as words
from bpp.console.money.words import told
from bpp.console.orders.messages import steps_of
from bpp.console.orders.told import Fact, Step
from bpp.console.orders.words import ANSWERED, ASKED
from bpp.settlement.model import Settlement
from bpp.settlement.states import ReconState
from bpp.storage.ports import Work
from bpp.storage.ports_settlements import Filed

NEWEST = 20_000
"""Messages among which our last comparison is looked for; an older one is told without its messages."""
RECEIVED = frozenset({ReconState.RECEIVED_PENDING, ReconState.RECEIVED_ACCEPTED, ReconState.RECEIVED_REJECTED})
IN_A_FILE = msg("Put into the file for the agency")
NOT_SENT = msg("Waits to be sent")
FOR_ALL = msg("Answer, for all its orders together")
READ_IN = msg("The agency's answer was read from a file.")


async def history(one: Settlement, work: Work) -> Sequence[Step]:
    """Everything that is known of it, oldest first."""
    filed = await _filings(one, work)
    log = await _with_agency(filed, work)
    found = await _told(log, filed, work)
    compared = await _compared(one, work)
    found += await steps_of(compared, work)
    if one.recon_at is not None and (one.recon in RECEIVED or not compared):
        title = told(ASKED if one.recon in RECEIVED else ANSWERED, "recon")
        found.append(Step(at=one.recon_at, kind="message", title=title, tag=told(words.RECONS, one.recon)))
    ready = gettext(msg("The settlement window ends: it may be filed from now on."))
    return sorted([Step(at=one.ready_at, kind="event", title=ready), *found], key=lambda step: step.at)


async def _filings(one: Settlement, work: Work) -> Sequence[Filed]:
    """The settles in which it was filed; others of their transaction filed other orders once more."""
    found = await work.settlements.filings_of(one.transaction_id, None) if one.transaction_id else ()
    return [each for each in found if any(entry.settlement == one.id for entry in each.filing.entries)]


async def _with_agency(filed: Sequence[Filed], work: Work) -> Sequence[Mapping[str, Any]]:
    """What was said about these settles: they, the reports that asked for them, and the agency's answers to both."""
    conversations = sorted({(each.agency, each.filing.transaction_id) for each in filed if each.agency})
    ids = {name for each in filed for name in (each.filing.message_id, *each.filing.reports)}
    rows = [row for names in conversations for row in (await work.messages.of_transaction(*names)).rows]
    return [row for row in rows if row["message_id"] in ids]


async def _compared(one: Settlement, work: Work) -> Sequence[Mapping[str, Any]]:
    """The log of our last comparison with the buyer app."""
    if not one.recon_message_id:
        return ()
    found = await work.traffic.transactions_of(one.recon_message_id, NEWEST)
    rows = [row for name in found for row in (await work.messages.of_transaction(one.bap_id, name)).rows]
    return [row for row in rows if row["message_id"] == one.recon_message_id]


async def _told(log: Sequence[Mapping[str, Any]], filed: Sequence[Filed], work: Work) -> list[Step]:
    """The messages, what was answered beside each settle, and the settles of which the log has nothing."""
    answers = {each.filing.message_id: _answer(each) for each in filed}
    spoken = await steps_of(log, work)
    found = [
        replace(step, facts=[*step.facts, answers[row["message_id"]]]) if row["action"] == "settle" else step
        for step, row in zip(spoken, log, strict=True)
    ]
    sent = {row["message_id"] for row in log if row["action"] == "settle"}
    for each in filed:
        answer = [answers[each.filing.message_id]]
        if each.filing.message_id not in sent:
            title = told(ANSWERED, "settle")
            facts = answer if each.agency else ()
            found.append(Step(at=each.filing.at, kind="message", title=title, tag=_under_way(each), facts=facts))
        if not each.agency and each.answered_at is not None:
            found.append(Step(at=each.answered_at, kind="message", title=gettext(READ_IN), facts=answer))
    return found


def _answer(filed: Filed) -> Fact:
    """What was answered to a settle, which may be about many orders."""
    alone = len(filed.filing.entries) == 1
    return Fact(gettext(msg("Answer")) if alone else gettext(FOR_ALL), words.answer_in_words(filed.answer))


def _under_way(filed: Filed) -> str:
    """How a settle fares of which the log has no message."""
    if not filed.agency:
        return gettext(IN_A_FILE)
    return "" if filed.answered_at is not None else gettext(NOT_SENT)
