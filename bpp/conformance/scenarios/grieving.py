"""Steps of a grievance: what the buyer app says of an issue, and what the seller's people do about it.

Source: network 1.1 to 1.4; assertion 56; protocol 1.11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bpp.conformance.scenarios.play import Broken, Impossible, Play
from bpp.conformance.scenarios.steps import Act, Ask, Do, Expect, Listen, Step, act
from bpp.conformance.scenarios.trying import until
from bpp.sandbox.complaints import About, Answering, Complaint, OldComplaint, flat
from bpp.sandbox.exchange import Callback, Json, part
from bpp.sandbox.inbox import NoCallback

Words = Callable[[Complaint], Mapping[str, Any]]
"""Further keys of an action, from what was said before."""
BAD_WORK, NOT_FINISHED = "ITM004", "FLM03"
"""Categories of a complaint in 2.0.0 and in 1.0.0 (network 1.6)."""
NOT_SHOWN = "VIS001"


def about(play: Play) -> About:
    """The confirmed order, and whose it is."""
    confirmed = play.got("on_confirm")
    seller = str(confirmed.context["bpp_id"])
    stage = play.stage
    return About(buyer=stage.buyer, customer=stage.customer, order=confirmed.order, domain=play.domain, seller=seller)


def old_context(_: Play, envelope: Json) -> Json:
    """The context of grievances 1.0.0."""
    return {**envelope, "context": flat(envelope["context"])}


def hear(play: Play, callback: Callback) -> None:
    """Take in what the other side says of the issue."""
    play.grievance.hears(callback.message)


def served(ask: Ask) -> Do:
    """The first message of a family: where it is refused, the seller does not serve it, and the flow is not played."""

    async def does(play: Play) -> None:
        try_ = replace(ask, probe=ask.action, expects=Expect.ANYTHING)
        answer = await try_.send(play)
        if not answer.acked:
            raise Impossible(
                f"not served: {ask.action} was answered by HTTP {answer.status} {answer.error_code}".strip()
            )
        await ask.hears(play, answer)

    return Do(name=ask.name, does=does, waits_for=ask.waits_for, within=ask.within)


def opens(*, code: str = BAD_WORK, kind: type[Complaint] = Complaint) -> Do:
    """Raise a complaint, whose PROCESSING is awaited."""

    def build(play: Play) -> Json:
        play.complaint = kind(about(play), code=code)
        return play.complaint.opened()

    return served(Ask(action="issue", name="issue_open", build=build, after=hear, **_manner(kind)))


def says(code: str, words: Words = lambda _: {}, *, kind: type[Complaint] = Complaint, **more: Any) -> Ask:
    """One more action of the buyer's, and the answer to it."""
    return Ask(
        action="issue",
        name=f"issue_{code.lower()}",
        build=lambda play: play.grievance.says(code, **words(play.grievance)),
        after=hear,
        **_manner(kind),
        **more,
    )


def closes(*, kind: type[Complaint] = Complaint) -> tuple[Step, ...]:
    """The buyer is content: it closes the issue, which nobody answers, and gives a rating in the version's own way."""
    if kind is OldComplaint:
        last = says("CLOSE", lambda _: {"rating": "THUMBS-UP"}, kind=kind, expects=Expect.ACK)
    else:
        rating = {"descriptor": {"code": "RATING"}, "value": "THUMBS_UP"}
        tags = [{"descriptor": {"code": "CLOSURE_DETAILS"}, "list": [rating]}]
        last = says("CLOSED", lambda _: {"tags": tags}, expects=Expect.ACK)
    return last, Listen()


def polls(*, kind: type[Complaint] = Complaint, **more: Any) -> Ask:
    """Ask how the issue stands."""

    def build(play: Play) -> Json:
        return {"issue_id": play.grievance.issue["id"]}

    return Ask(action="issue_status", build=build, **_manner(kind), **more)


def _manner(kind: type[Complaint]) -> dict[str, Any]:
    return {"twist": old_context} if kind is OldComplaint else {}


def deed(event: str, tells: str = "on_issue", name: str = "", where: Any = None, **details: Any) -> Act:
    """The seller's people take a step in the issue, and the seller app tells it unasked."""

    def known(play: Play) -> Mapping[str, Any]:
        return {"issue_id": play.grievance.issue["id"], "language": "en", **details}

    more = {"where": where} if where is not None else {}
    return Act(event=event, name=name or event, tells=tells, details=known, after=hear, **more)


def asks_for(*wanted: str, **more: Any) -> Act:
    """More is wanted of the buyer."""
    return deed("ask", wanted=list(wanted), **more)


def proposes(*options: Json) -> Act:
    """Remedies are offered."""
    return deed("propose", options=list(options))


def resolves(option: Json) -> Act:
    """A remedy is imposed, as 1.0.0 has it."""
    return deed("resolve", tells="on_issue_status", option=option)


def changes_the_order() -> Do:
    """Wait for what a remedy changes of the order, which the seller app tells by on_update; a check judges it."""

    async def does(play: Play) -> None:
        def came() -> bool:
            return any(
                one.action == "on_update" and one.transaction_id == play.transaction_id
                for one in play.stage.buyer.callbacks
            )

        await until(play, came)

    return Do(name="on_update", does=does, waits_for="the order as the remedy leaves it")


def seller_complains() -> Do:
    """The seller's people complain of the buyer app; where they cannot, the seller does not serve this."""

    async def does(play: Play) -> None:
        done = await act(play, "complain", {"code": NOT_SHOWN, "short_desc": "We are not shown"})
        if not done.taken:
            raise Impossible(f"not served: the seller's side does not complain of buyer apps: {done.detail}")
        try:
            raised = await play.stage.buyer.next_callback(play.transaction_id, "issue", timeout=play.stage.patience)
        except NoCallback as nothing:
            raise Broken(f"complain: {nothing}") from nothing
        play.hear(raised)
        play.complaint = Answering(about(play), raised.message)

    return Do(name="complain", does=does, waits_for="issue")


def seller_says(code: str) -> Act:
    """The seller's people answer in their complaint."""

    def last_says(callback: Callback) -> bool:
        actions = part(callback.message, "issue").get("actions") or [{}]
        return bool(part(actions[-1], "descriptor").get("code") == code)

    return deed("answer", tells="issue", name=f"seller_{code.lower()}", where=last_says, says=code)


def answers(code: str, *, asked: bool = True, words: Words = lambda _: {}) -> Ask:
    """What the buyer app says to a complaint of the seller app's: where ``asked``, under its message_id."""

    def build(play: Play) -> Json:
        return play.grievance.says(code, **words(play.grievance))

    def under_its_id(play: Play, envelope: Json) -> Json:
        if not asked:
            return envelope
        return {**envelope, "context": envelope["context"] | {"message_id": play.got("issue").message_id}}

    return Ask(action="on_issue", name=f"on_issue_{code.lower()}", build=build, twist=under_its_id, expects=Expect.ACK)
