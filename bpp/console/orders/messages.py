"""What was said between a buyer app and us about an order, with why something was refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bpp.console.language import gettext
from bpp.console.orders import words
from bpp.console.orders.told import Fact, Step
from bpp.console.orders.words_refused import CODES, DOOR, OUTCOMES, UNKNOWN_CODE, UNKNOWN_OUTCOME
from bpp.console.shown import number
from bpp.inbound.explain import BODY_STEPS, HEADER_STEPS
from bpp.network.outcome import Nacked, read_answer
from bpp.orders.model import Order
from bpp.storage.ports import Callback, Work
from bpp.storage.ports_messages import FIRST_TOLD, Transcript

NACK = "NACK "
LARGE = frozenset({"on_search"})
"""Answers that are not read for an error: they are large and have none."""
QUOTED = frozenset({"on_select", "on_init"})
STEP_OF = {reason: step.name for step in (*HEADER_STEPS, *BODY_STEPS) for reason in step.reasons}
GATEWAY = "gateway_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The log of a transaction, the bodies that are needed to tell it, and our answers about the order."""

    transcript: Transcript
    bodies: Mapping[str, bytes]
    callbacks: Sequence[Callback]


async def conversation(order: Order, work: Work) -> Conversation:
    """What was said about an order; nothing for one of another channel."""
    if order.peer is None:
        return Conversation(transcript=Transcript(), bodies={}, callbacks=())
    log = await work.messages.of_transaction(order.peer.bap_id, order.peer.transaction_id)
    return Conversation(
        transcript=log, bodies=await _bodies_for(log.rows, work), callbacks=await work.outbox.of_order(order.ref)
    )


async def _bodies_for(rows: Sequence[Mapping[str, Any]], work: Work) -> Mapping[str, bytes]:
    """The bodies that are needed to tell some messages of the log."""
    wanted = {one["answer_digest"] for one in rows if _refused(one)}
    wanted |= {one["body_digest"] for one in rows if one["direction"] == "out" and one["action"] not in LARGE}
    return await work.messages.bodies(wanted)


async def steps_of(rows: Sequence[Mapping[str, Any]], work: Work) -> list[Step]:
    """Some messages of the log, whoever they were exchanged with: a step for each."""
    bodies = await _bodies_for(rows, work)
    return [_step(one, bodies) for one in rows]


def steps(said: Conversation) -> list[Step]:
    """Every message that came in, every attempt to deliver one of ours, and those that wait for their first."""
    rows, left_out = said.transcript.rows, said.transcript.left_out
    waiting = [one for one in said.callbacks if not one.attempts]
    told = [*(_step(one, said.bodies) for one in rows), *(_waiting(one) for one in waiting)]
    return [*told, _gap(left_out, rows[FIRST_TOLD - 1]["at"])] if left_out else told


def _gap(left_out: int, at: datetime) -> Step:
    many = gettext("%(many)s messages that came and went between are not shown") % {"many": number(left_out)}
    return Step(at=at, kind="message", title=many)


def _step(one: Mapping[str, Any], bodies: Mapping[str, bytes]) -> Step:
    incoming = one["direction"] == "in"
    refused = _refused(one)
    facts = _why(one, bodies) if refused else []
    if not incoming:
        facts += _said_no(bodies.get(one["body_digest"], b""))
    table = words.ASKED if incoming else words.ANSWERED
    return Step(
        at=one["at"],
        kind="message",
        title=gettext(table.get(one["action"], words.UNKNOWN_MESSAGE)),
        tag=_outcome(one),
        look="bad" if refused else "good",
        facts=facts,
        number=one["seq"],
    )


def _waiting(one: Callback) -> Step:
    return Step(
        at=one.created_at,
        kind="message",
        title=gettext(words.ANSWERED.get(one.action, words.UNKNOWN_MESSAGE)),
        tag=gettext(words.CALLBACK_STATES[one.state]),
        callback=one.seq,
    )


def _refused(one: Mapping[str, Any]) -> bool:
    return one["outcome"] not in {"ACK", "acked"}


def _outcome(one: Mapping[str, Any]) -> str:
    if one["direction"] == "in":
        return attempt_in_words("nacked" if _refused(one) else "acked")
    return attempt_in_words(one["outcome"])


def attempt_in_words(outcome: str) -> str:
    """What came of an attempt, without what was noted of it for engineers."""
    return gettext(OUTCOMES.get(outcome.partition(":")[0], UNKNOWN_OUTCOME))


def code_in_words(code: str) -> str:
    """What a code of the network says."""
    return gettext(CODES.get(code, UNKNOWN_CODE))


def _why(one: Mapping[str, Any], bodies: Mapping[str, bytes]) -> list[Fact]:
    """Why a message was refused, by us or by the buyer app."""
    label = gettext("Why it was refused")
    answer = read_answer(one["http_status"] or 0, bodies.get(one["answer_digest"], b""))
    code = one["outcome"].removeprefix(NACK) if one["direction"] == "in" else ""
    text = ""
    if isinstance(answer, Nacked):
        code, text = code or answer.code, answer.message
    facts = [Fact(label, code_in_words(code))] if code or isinstance(answer, Nacked) else []
    if step := STEP_OF.get(one["reason"].removeprefix(GATEWAY)):
        facts.append(Fact(gettext("More exactly"), gettext(DOOR[step])))
    return facts + _official(code, text)


def _said_no(body: bytes) -> list[Fact]:
    """What our own answer refuses, where it does."""
    error = _object(body).get("error")
    if not isinstance(error, dict):
        return []
    code, text = str(error.get("code") or ""), str(error.get("message") or "")
    return [Fact(gettext("We said no"), code_in_words(code)), *_official(code, text)]


def _official(code: str, text: str) -> list[Fact]:
    official = ": ".join(filter(None, (code, text)))
    return [Fact(gettext("Official message"), official, official=True)] if official else []


def quotes_sent(said: Conversation) -> Mapping[str, Any]:
    """The price that was last sent before the order, by the action that sent it."""
    found: dict[str, Any] = {}
    for one in said.transcript.rows:
        if one["direction"] == "out" and one["action"] in QUOTED:
            order = _object(said.bodies.get(one["body_digest"], b"")).get("message", {}).get("order", {})
            found |= {one["action"]: order["quote"]} if "quote" in order else {}
    return found


def _object(body: bytes) -> Any:
    """One of our own messages; nothing where it was erased."""
    return json.loads(body) if body else {}
