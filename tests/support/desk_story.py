"""The seller's side of a story, as handlers will call the pure parts: read, judge, step, write, and check what is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from beckn_schemas.igm import IgmEnvelope, parse_igm
from beckn_schemas.igm_check import check_igm
from beckn_schemas.igm_context import context_for
from beckn_schemas.igm_v1 import IssueV1Message
from beckn_schemas.igm_v2 import IssueV2Message
from bpp.issues.checks import Known, Refusal, judge_answer, judge_issue
from bpp.issues.facts import OrderFacts, facts_of
from bpp.issues.history import Told
from bpp.issues.model import Code, Issue, Side
from bpp.issues.states import FOLLOW_UP
from bpp.issues.steps import Acting, Saying, process, resolve, with_us
from bpp.issues.wire import action_of, callback_message, issue_message, said
from bpp.issues.words import saying
from catalog.moments import wire_time
from tests.support.grievances import DESK, Hands
from tests.support.order_builders import an_order

Json = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """One message of ours."""

    action: str
    payload: Json

    @property
    def message(self) -> Json:
        """Its message."""
        message: Json = self.payload["message"]
        return message


def check_sent(payload: Json, *, unsolicited: bool) -> None:
    """What we send is right by our own models and rules."""
    wrong = check_igm(payload, unsolicited=unsolicited)
    assert wrong == [], wrong


class SellerDesk:
    """Keeps one issue and says what follows, every message checked by our own strict models."""

    def __init__(self, hands: Hands, *orders: OrderFacts) -> None:
        self.hands = hands
        self.orders = orders or (facts_of(an_order()),)
        self.stored: Issue | None = None
        self.others: tuple[Issue, ...] = ()
        self.new: tuple[str, ...] = ()

    @property
    def acting(self) -> Acting:
        """Now, as our desk."""
        return Acting(now=self.hands.now, desk=DESK, new_id=self.hands.new_id)

    @property
    def issue(self) -> Issue:
        """The issue that is stored."""
        assert self.stored is not None
        return self.stored

    @issue.setter
    def issue(self, issue: Issue) -> None:
        self.stored = issue

    def take(self, payload: Json) -> Sent:
        """An /issue that is answered: with what."""
        answer = self.receive(payload)
        assert isinstance(answer, Sent), answer
        return answer

    def refuse(self, payload: Json) -> Refusal:
        """An /issue that is refused: why. Nothing is stored of it."""
        before = self.stored
        answer = self.receive(payload)
        assert isinstance(answer, Refusal), answer
        assert self.stored == before
        return answer

    def receive(self, payload: Json) -> Sent | Refusal | None:
        """An /issue: what is answered, or None where nothing is."""
        envelope = parse_igm("issue", payload)
        told = self._judged(envelope, payload)
        if isinstance(told, Refusal):
            return told
        self.issue = told.issue
        self.new = tuple(one.code.value for one in told.new)
        self.hands.later(seconds=1)
        if told.new:
            key = "resolved" if told.new[-1].code == "RESOLUTION_ACCEPTED" else "processing"
            words = saying(key, "en", ticket=told.issue.id, remedy="as agreed")
            self.issue = self._followed(told.issue, words)
        action = action_of(self.issue, solicited=True)
        return self.send(action, envelope.context.message_id) if action else None

    def _followed(self, issue: Issue, words: Saying) -> Issue:
        match FOLLOW_UP.get(issue.last.code):
            case None:
                return with_us(issue, DESK)
            case Code.RESOLVED:
                return resolve(issue, words, self.acting)
            case _:
                return process(issue, words, self.acting)

    def _judged(self, envelope: IgmEnvelope, payload: Json) -> Told | Refusal:
        assert isinstance(envelope.message, IssueV1Message | IssueV2Message)
        stored = self.stored
        issue = said(envelope.message, payload["context"], Side.RESPONDENT, stored)
        before = stored if stored is not None and stored.id == issue.id else None
        others = (*self.others, *((stored,) if stored is not None and before is None else ()))
        return judge_issue(issue, Known(orders=self.orders, before=before, others=others))

    def news(self, issue: Issue) -> Sent:
        """What we did by ourselves."""
        self.issue = issue
        action = action_of(issue, solicited=False)
        assert action is not None
        return self.send(action, "")

    def send(self, action: str, message_id: str) -> Sent:
        """A callback with the issue as it stands, right by our own rules."""
        assert action in {"on_issue", "on_issue_status"}
        context = context_for(
            self.issue.echo,
            action=action,
            message_id=message_id or self.hands.new_id(),
            timestamp=wire_time(max(self.hands.now, self.issue.updated.at)),
        )
        message = callback_message(self.issue, DESK, "on_issue" if action == "on_issue" else "on_issue_status")
        payload = {"context": context, "message": message}
        check_sent(payload, unsolicited=not message_id)
        return Sent(action, payload)


class SellerComplains:
    """Raises an issue and hears what the buyer app answers."""

    def __init__(self, hands: Hands, issue: Issue, order: OrderFacts) -> None:
        self.hands = hands
        self.issue = issue
        self.order = order

    @property
    def acting(self) -> Acting:
        """Now, as our desk."""
        return Acting(now=self.hands.now, desk=DESK, new_id=self.hands.new_id)

    def send(self, issue: Issue) -> Json:
        """The /issue with what we have done."""
        self.issue = issue
        context = context_for(
            issue.echo,
            action="issue",
            message_id=self.hands.new_id(),
            timestamp=wire_time(max(self.hands.now, issue.updated.at)),
        )
        payload = {"context": context, "message": issue_message(issue, DESK, self.order)}
        check_sent(payload, unsolicited=True)
        return payload

    def hear(self, action: str, payload: Json) -> Told:
        """What a callback of the buyer app changes."""
        told = self.receive(action, payload)
        assert isinstance(told, Told), told
        return told

    def refuse(self, action: str, payload: Json) -> Refusal:
        """Why a callback of the buyer app is refused."""
        refused = self.receive(action, payload)
        assert isinstance(refused, Refusal), refused
        return refused

    def receive(self, action: str, payload: Json) -> Told | Refusal:
        """What a callback of the buyer app changes, or why it is refused."""
        envelope = parse_igm(action, payload)
        assert isinstance(envelope.message, IssueV1Message | IssueV2Message)
        issue = said(envelope.message, payload["context"], Side.COMPLAINANT, self.issue)
        told = judge_answer(issue, self.issue)
        if isinstance(told, Told):
            self.issue = told.issue
        return told
