"""Whatever is sold, refunded, mistaken, corrected, disputed, lost and conceded, in any order: in the end the books of
both sides are equal, or what lies between them has a name; and ours always balance.

A machine of hypothesis: our side by the ledger's functions and ``bpp.settlement``, the buyer app and the agency by
models of their own. Every message goes over the wire: checked as ours are, read as theirs are. Longer runs as for
``tests/machine``: ``BPP_MACHINE_EXAMPLES``, ``BPP_MACHINE_STEPS``, ``BPP_MACHINE_SEED``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from beckn_schemas.rsf_received import parse_rsf
from bpp.ledger import chart
from bpp.ledger.booked import PartLine
from bpp.ledger.model import Line, Party, balances
from bpp.ledger.receipts import posting_of
from bpp.orders.model import FinderFee, Order
from bpp.settlement import moves
from bpp.settlement.amounts import still_due
from bpp.settlement.judge import judge_on_recon, judge_recon
from bpp.settlement.judge_settle import find_filing, judge_answer
from bpp.settlement.model import Difference, Filing, Refused, Settlement
from bpp.settlement.plan import Follow, Pace, file_today, follow_up, prepare
from bpp.settlement.receipts import receipt_of
from bpp.settlement.states import OutOfOrder, ReconState, SettlementState
from bpp.settlement.wire import read_recon
from catalog.money import ZERO, Money, total
from tests.support.buyer_app_books import Account, BuyerAppBooks, rupees
from tests.support.order_builders import BAP
from tests.support.settlements import (
    AGENCY,
    BUYER,
    OVER,
    WE,
    Agency,
    Ids,
    booked,
    envelope,
    left_open,
    on_recon_payload,
    order_due,
    recon_payload,
    report_payload,
    said_by,
    settle_payload,
    sold,
    sound,
)

PACE = Pace(agency=timedelta(hours=6), counterparty=timedelta(hours=20), settles=3)
DAY = timedelta(days=1)
LONGEST = 30
"""Days after which nothing moves any more of itself."""
amounts = st.integers(100, 1_000_000)
which = st.integers(0, 99)


class Network:
    """Two participants and an agency, with a few orders."""

    def __init__(self) -> None:
        self.ids, self.agency, self.app = Ids(), Agency(), BuyerAppBooks()
        self.now = OVER
        self.orders: dict[str, Order] = {}
        self.refunds: dict[str, tuple[PartLine, ...]] = {}
        self.settlements: dict[str, tuple[Settlement, ...]] = {}
        self.filings: list[tuple[Filing, Any]] = []
        self.posted: dict[str, tuple[Line, ...]] = {}
        self.given_in: set[str] = set()
        self.named: dict[str, tuple[Difference, ...]] = {}
        self.moved: set[str] = set()
        self.denied: set[tuple[str, str]] = set()
        self.after_all: set[str] = set()
        self.unheard: list[Any] = []

    def lines(self, order_id: str) -> tuple[PartLine, ...]:
        return (*booked(self.orders[order_id]), *self.refunds[order_id])

    def sell(self, price: int, fee: int, theirs: int) -> None:
        number = len(self.orders) + 1
        order = sold(number, rupees(price), rupees(fee))
        self.orders[order.order_id], self.refunds[order.order_id] = order, ()
        self.settlements[order.order_id], self.posted[order.order_id] = (), ()
        self.app.orders[order.order_id] = Account(total=price, fee=theirs)
        self.moved.add(order.order_id)

    def refund(self, order_id: str, amount: int) -> None:
        account = self.app.orders[order_id]
        back = min(amount, account.total - account.back)
        self.moved.add(order_id)
        account.back += back
        self.refunds[order_id] += (
            PartLine("refund", chart.consumer_due(self.orders[order_id].ref), Money(back)),
            PartLine("refund", chart.collected(BAP), Money(-back)),
        )

    def put_right(self, order_id: str, fee: int) -> None:
        """Our books take another fee than before."""
        self.moved.add(order_id)
        fee_now = FinderFee(type="amount", amount=rupees(fee))
        self.orders[order_id] = replace(self.orders[order_id], finder_fee=fee_now)

    def prepare(self, order_id: str) -> None:
        due = order_due(self.orders[order_id], self.lines(order_id))
        before = self.settlements[order_id]
        self.settlements[order_id] = after = prepare(due, before, self.now, self.ids)
        for one, kept in zip(before, after, strict=False):  # no books of ours say that a sum was right after all
            assert "order_amount" not in causes([one]) or "order_amount" in causes([kept])

    def keep(self, one: Settlement) -> None:
        rows = self.settlements[one.order_id]
        self.settlements[one.order_id] = tuple(one if each.id == one.id else each for each in rows)
        before = next(each for each in rows if each.id == one.id)
        if one.state is SettlementState.SETTLED and before.state is not SettlementState.SETTLED:
            if before.state is not SettlementState.PENDING:
                self.after_all.add(one.order_id)
                self.denied.discard((one.order_id, one.message_id))
            receipt = receipt_of(one, posting_id=f"P-{one.id}", at=self.now, recorded_by="agency")
            if receipt is not None:
                self.posted[one.order_id] += posting_of(receipt).lines
            self.prepare(one.order_id)  # as the product does: nobody else looks at what moved meanwhile

    def find(self, settlement_id: str) -> Settlement:
        return next(one for rows in self.settlements.values() for one in rows if one.id == settlement_id)

    def file(self, absent: frozenset[str] = frozenset(), *, lost: bool = False, denied: bool = False) -> None:
        """A day's run, which prepares the orders that moved since the one before.

        ``absent`` are orders that the buyer app does not file; ``lost`` is whether answers are lost, ``denied`` whether
        the agency says of all that nothing moved, and the truth at most later.
        """
        for order_id in sorted(self.moved):
            self.prepare(order_id)
        self.moved.clear()
        for order_id, found in self.settlements.items():
            if any(one.recon is not ReconState.INACTIVE for one in found):
                self.prepare(order_id)
        rows = [one for found in self.settlements.values() for one in found]
        for filing in file_today(rows, self.now, self.ids):
            payload = sound(settle_payload(filing, WE, AGENCY))
            for entry in filing.entries:
                self.keep(moves.filed(self.find(entry.settlement), filing))
                if entry.order_id not in absent:
                    self.agency.take(self.app.files(entry.order_id, self.now))
            answer = self.answer(payload)
            self.filings.append((filing, answer))
            if denied:
                self.denied |= {(entry.order_id, filing.message_id) for entry in filing.entries}
                self.take_answer(denial(answer))
            elif not lost:
                self.take_answer(answer)

    def answer(self, payload: Any) -> Any:
        before = len(self.agency.moved)
        answer = self.agency.on_settle(payload, BUYER.id)
        for order_id, amount, way in self.agency.moved[before:]:
            paise = Money.parse(amount).paise
            self.app.moved(order_id, paise if way == "forth" else -paise)
            self.agency.forget(order_id)
        return answer

    def take_answer(self, payload: Any) -> None:
        said = said_by(payload)
        filing = find_filing(said, [filing for filing, _ in self.filings])
        rows = {entry.settlement: self.find(entry.settlement) for entry in filing.entries}
        outcomes = judge_answer(said, filing, rows)
        for outcome in outcomes:
            self.keep(moves.answered(self.find(outcome.entry.settlement), outcome, self.now))

    def follow(self, *, heard: bool = True) -> None:
        """What is overdue is followed up; the buyer app answers a recon only where it is ``heard``."""
        for rows in list(self.settlements.values()):
            for one in rows:
                self.follow_one(self.find(one.id), heard=heard)  # an answer may have spoken of it by now

    def follow_one(self, one: Settlement, *, heard: bool) -> None:
        if follow_up(one, self.now, PACE) is None:
            return
        self.prepare(one.order_id)
        one = self.find(one.id)
        match follow_up(one, self.now, PACE):
            case Follow.REPORT:
                self.report(one)
            case Follow.RECON:
                self.recon(one, heard=heard)
            case Follow.RETRY:
                self.keep(moves.retried(one, self.now.date(), self.now))
            case Follow.GIVE_UP_RECON:
                self.keep(moves.unanswered(one, "", self.now))
            case Follow.GRIEVANCE:
                self.keep(moves.raised(one, self.ids(), self.now))
            case found:
                assert found is None

    def report(self, one: Settlement) -> None:
        place, filing, answer = next(
            (place, filing, answer)
            for place, (filing, answer) in enumerate(self.filings)
            if filing.message_id == one.message_id
        )
        report = sound(report_payload(filing, self.ids(), self.now, WE, AGENCY))
        message_id = report["context"]["message_id"]
        self.filings[place] = replace(filing, reports=(*filing.reports, message_id)), answer
        self.keep(moves.reported(one, self.now))
        told = {**answer, "context": {**answer["context"], "action": "on_report", "message_id": message_id}}
        self.take_answer(told)

    def recon(self, one: Settlement, *, heard: bool) -> None:
        message_id = self.ids()
        rows = self.settlements[one.order_id]
        payload = sound(recon_payload([rows], envelope(self.ids(), message_id, self.now), BUYER, WE))
        self.keep(moves.asked(one, message_id, self.now))
        if heard:
            self.hear(payload)
        else:
            self.unheard.append(payload)

    def hear(self, payload: Any) -> None:
        """The buyer app answers a recon of ours, which may be over by now."""
        told = parse_rsf("on_recon", self.app.answers(payload, self.now + timedelta(seconds=1))).recon
        assert told is not None
        try:
            answers = judge_on_recon(read_recon(told), payload["context"]["message_id"], self.settlements)
        except Refused:  # another was sent since
            return
        for answer in answers:
            one = moves.told(answer, self.now)
            if answer.agreed and one == answer.settlement:  # it is bound to what was over for us
                self.given_in.add(one.order_id)
            self.bind(one)

    def was_asked(self, order_id: str, *, added_wrong: bool = False) -> None:
        self.prepare(order_id)
        payload = self.app.recon(order_id, self.now)
        if added_wrong:
            payload["message"]["orders"][0]["amount"]["value"] = "999999.99"
        read = parse_rsf("recon", payload).recon
        assert read is not None
        verdicts = judge_recon(read_recon(read), self.settlements)
        reply = sound(on_recon_payload(payload["context"], verdicts, self.now), payload)
        for verdict in verdicts:
            self.named[order_id] = verdict.differences
            for compared in verdict.compared:
                if compared.settlement is not None:
                    self.bind(moves.compared(compared, verdict, self.now))
        self.app.answered(reply)

    def bind(self, one: Settlement) -> None:
        """Of what is agreed upon we may have given in to a paisa."""
        self.keep(one)
        if "conceded" in causes([one]):
            self.given_in.add(one.order_id)

    def concede(self, order_id: str) -> None:
        if self.settlements[order_id]:
            self.prepare(order_id)
        for one in self.settlements[order_id][-1:]:
            try:
                self.keep(moves.conceded(one, self.now))
                self.given_in.add(order_id)
            except OutOfOrder:
                return

    def undecided(self) -> list[Any]:
        """Answers of the agency to settles that were filed last, and of which something is not settled."""
        rows = [one for found in self.settlements.values() for one in found]
        free = {one.message_id for one in rows if one.state not in {SettlementState.PENDING, SettlementState.SETTLED}}
        return [answer for filing, answer in self.filings if filing.message_id in free]

    def disputed(self) -> list[str]:
        """Orders of which the buyer app says otherwise, while nothing of that is filed."""
        found = {order_id: rows[-1] for order_id, rows in self.settlements.items() if rows}
        over = {SettlementState.PENDING, SettlementState.SETTLED}
        return [name for name, one in found.items() if one.counter not in {None, one.agreed} and one.state not in over]

    def a_day(self) -> None:
        """The run of the day, everybody answering, and what is overdue then."""
        self.file()
        self.now += timedelta(hours=8)
        self.follow()
        self.now += timedelta(hours=16)

    def open_in_books(self, order_id: str) -> Money:
        """What the buyer app owes us for an order by the postings, debit positive."""
        posted = (PartLine("receipt", one.account, one.amount) for one in self.posted[order_id])
        lines = (*self.lines(order_id), *posted)
        return total(one.amount for one in lines if one.account.party is Party.BUYER_APP)


def denial(answer: Any) -> Any:
    """An answer of the agency that says of every order that nothing moved."""
    message = answer["message"]
    orders = []
    for one in message["settlement"]["orders"]:
        leg = {"amount": one["inter_participant"]["amount"], "status": "NOT_SETTLED"}
        orders.append({**one, "inter_participant": leg, "error": {"code": "70024", "message": "mismatch"}})
    return {**answer, "message": {**message, "settlement": {**message["settlement"], "orders": orders}}}


class AnySettlement(RuleBasedStateMachine):
    """Orders, and whatever may become of them. ``reached`` is how often what is worth reaching was."""

    reached: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.net = Network()

    def pick(self, number: int) -> str:
        return sorted(self.net.orders)[number % len(self.net.orders)]

    @rule(price=amounts, fee=st.integers(0, 90), mistake=st.sampled_from((0, 0, 2_000, -2_000, 37, 1, -1)))
    def sell(self, price: int, fee: int, mistake: int) -> None:
        if len(self.net.orders) < 4:
            ours = price * fee // 100
            self.net.sell(price, ours, max(ours + mistake, 0))

    @precondition(lambda self: self.net.orders)
    @rule(number=which, amount=amounts)
    def refund(self, number: int, amount: int) -> None:
        self.net.refund(self.pick(number), amount)

    @precondition(lambda self: self.net.orders)
    @rule(number=which)
    def our_books_are_put_right(self, number: int) -> None:
        order_id = self.pick(number)
        self.net.put_right(order_id, self.net.app.orders[order_id].fee)

    @precondition(lambda self: self.net.orders)
    @rule(number=which)
    def their_books_are_put_right(self, number: int) -> None:
        order_id = self.pick(number)
        account = self.net.app.orders[order_id]
        if not account.settlements:
            account.fee = Money.parse(self.net.orders[order_id].finder_fee.amount).paise

    @precondition(lambda self: self.net.orders)
    @rule(number=which, absent=st.booleans(), lost=st.booleans(), denied=st.sampled_from((False, False, False, True)))
    def a_day_is_filed(self, number: int, absent: bool, lost: bool, denied: bool) -> None:
        self.net.file(frozenset({self.pick(number)} if absent else ()), lost=lost, denied=denied)

    @precondition(lambda self: self.net.filings)
    @rule(number=which)
    def an_answer_comes_late_or_again(self, number: int) -> None:
        _, answer = self.net.filings[number % len(self.net.filings)]
        self.net.take_answer(answer)

    @rule(hours=st.sampled_from((1, 7, 24)))
    def time_passes(self, hours: int) -> None:
        self.net.now += timedelta(hours=hours)

    @rule(heard=st.booleans())
    def what_is_overdue_is_followed_up(self, heard: bool) -> None:
        self.net.follow(heard=heard)

    @precondition(lambda self: self.net.orders)
    @rule(number=which, added_wrong=st.sampled_from((False, False, True)))
    def the_buyer_app_sends_a_recon(self, number: int, added_wrong: bool) -> None:
        self.net.was_asked(self.pick(number), added_wrong=added_wrong)

    @precondition(lambda self: self.net.unheard)
    @rule(number=which)
    def the_buyer_app_answers_a_recon_late(self, number: int) -> None:
        self.net.hear(self.net.unheard.pop(number % len(self.net.unheard)))

    @precondition(lambda self: self.net.orders)
    @rule(followed=st.booleans(), number=which)
    def the_agency_says_no_and_then_that_the_money_moved_after_all(self, followed: bool, number: int) -> None:
        self.net.file(denied=True)
        if followed:
            self.net.follow()
        if undecided := self.net.undecided():
            self.net.take_answer(undecided[number % len(undecided)])

    @precondition(lambda self: self.net.disputed())
    @rule(number=which)
    def we_give_in(self, number: int) -> None:
        disputed = self.net.disputed()
        self.net.concede(disputed[number % len(disputed)])

    @precondition(lambda self: self.net.orders)
    @rule(days=st.integers(1, 3))
    def days_go_by(self, days: int) -> None:
        for _ in range(days):
            self.net.a_day()

    @invariant()
    def the_ledger_balances_and_its_bank_is_what_the_agency_moved(self) -> None:
        net = self.net
        lines = [line for found in net.posted.values() for line in found]
        assert total(line.amount for line in lines) == ZERO
        bank = balances(lines).get(chart.BANK, ZERO)
        rows = [one for found in net.settlements.values() for one in found]
        told = {one.reference_no for one in rows if one.state is SettlementState.SETTLED}
        moved = [
            Money.parse(amount) if way == "forth" else -Money.parse(amount)
            for place, (_, amount, way) in enumerate(net.agency.moved, start=1)
            if f"UTR-{place}" in told
        ]
        assert bank == total(moved)

    @invariant()
    def what_the_books_leave_open_is_to_be_settled_or_was_conceded(self) -> None:
        for order_id, order in self.net.orders.items():
            rows = self.net.settlements[order_id]
            to_come = still_due(order_due(order, self.net.lines(order_id)).due, rows).balance
            apart = self.net.open_in_books(order_id) - to_come
            otherwise = [one for one in rows if "settled_amount" in causes([one])]
            over = [one for one in rows if one.state is SettlementState.SETTLED]
            assert all(left_open(one) == ZERO for one in over if one not in otherwise)
            assert apart == ZERO or otherwise or "conceded" in causes(rows)

    def same_in_the_end(self, order_id: str) -> bool:
        """Whether nobody is mistaken any more and nobody was: then nothing may be left, not even with a name."""
        fee = Money.parse(self.net.orders[order_id].finder_fee.amount).paise
        put_out = self.net.given_in | {name for name, _ in self.net.denied}
        return self.net.app.orders[order_id].fee == fee and order_id not in put_out

    def teardown(self) -> None:
        """Days go by, everybody answers, and then: equal, or a difference with a name."""
        net = self.net
        for _ in range(LONGEST):
            for order_id, account in net.app.orders.items():
                if account.owed and net.settlements[order_id]:
                    net.was_asked(order_id)
            net.a_day()
        for order_id, account in net.app.orders.items():
            if account.owed:
                net.was_asked(order_id)
        for order_id in net.orders:
            rows, account = net.settlements[order_id], net.app.orders[order_id]
            assert all(one.state is not SettlementState.PENDING for one in rows)
            opens = net.open_in_books(order_id)
            named = [each for one in rows for each in one.differences] or net.named.get(order_id) or complained_of(rows)
            assert named or (opens.paise, account.owed) == (0, 0)
            self.reached.update(what_became_of(rows) | ({"after all"} if order_id in net.after_all else set()))
            if self.same_in_the_end(order_id):
                assert (opens.paise, account.owed) == (0, 0)
        super().teardown()


def causes(rows: Iterable[Settlement]) -> set[str]:
    return {each.cause for one in rows for each in one.differences}


def complained_of(rows: Iterable[Settlement]) -> set[str]:
    """The agency's own names of why what was filed again and again did not move, where a grievance was raised."""
    return {one.code for one in rows if one.state is not SettlementState.SETTLED and one.issue_id and one.code}


def what_became_of(rows: Sequence[Settlement]) -> set[str]:
    """Names of what became of an order's settlements."""
    found = {
        "correction" if one.number > 1 else "filed again" if one.attempts > 1 else "sale"
        for one in rows
        if one.state is SettlementState.SETTLED
    }
    return found | causes(rows) | {"grievance" for one in rows if one.issue_id}


def test_books_of_both_sides_end_equal_or_with_a_named_difference():
    chosen, long = os.environ.get("BPP_MACHINE_SEED"), os.environ.get("BPP_MACHINE_EXAMPLES")
    run_state_machine_as_test(
        seed(int(chosen))(AnySettlement) if chosen else AnySettlement,
        settings=settings(
            deadline=None,
            database=None,
            derandomize=long is None,
            max_examples=int(long or 150),
            stateful_step_count=int(os.environ.get("BPP_MACHINE_STEPS", "25")),
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )
    worth = {"sale", "filed again", "after all", "correction", "recon", "conceded", "grievance"}
    assert long or worth <= set(AnySettlement.reached), AnySettlement.reached
