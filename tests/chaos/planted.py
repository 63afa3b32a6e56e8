"""A small run in which everything holds, made by hand; and what is planted in it, law by law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bpp.ledger.model import balances
from bpp.ledger.rates import published
from bpp.ledger.snapshot import Payee, order_rates
from bpp.ledger.standing import standing
from bpp.orders.model import Order
from bpp.orders.states import Stage
from catalog.model import Slot
from catalog.money import ZERO, Money
from tests.chaos.books import Books, Posted, Sent, TakenIn
from tests.chaos.recording import Act, Asked, Fault, Recording, Relief, Shown, Told, Try, Wish
from tests.machine.watch import cells_of
from tests.support.order_builders import a_peer, a_visit, an_order

START = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
A, B = "a.example", "b.example"
Run = tuple[Recording, Books]


def _order(number: int, bap_id: str, start: datetime) -> Order:
    """A paid order of one worker's hour, with the rates of its day."""
    visit = a_visit(crew=(), otp=None, slot=Slot(start=start, end=start + timedelta(hours=1)))
    return an_order(
        number,
        peer=a_peer(bap_id=bap_id, transaction_id=f"T-{number}"),
        order_id=f"O-{number}",
        fulfillments=(visit,),
        rates=order_rates(published().on(start.date()), Payee(registered=True), ["SM-PLB"], ZERO),
    )


def a_run() -> Run:
    """Two orders of two buyer apps; the first is confirmed, told of its worker's way, and asked about."""
    first, second = _order(1, A, START), _order(2, B, START + timedelta(hours=2))
    told = [
        _told(1, A, "on_confirm", "T-1", "M-1", _shown(first, "01")),
        _told(2, B, "on_confirm", "T-2", "M-2", _shown(second, "01")),
        _told(3, A, "on_status", "T-1", "M-3", _shown(first, "02", state="In-Transit")),
        _told(4, A, "on_status", "T-1", "M-4", _shown(first, "02", state="In-Transit")),
    ]
    asked = [
        _asked(A, "confirm", "T-1", "M-1", "O-1", 0.5),
        _asked(B, "confirm", "T-2", "M-2", "O-2", 1.5),
        _asked(A, "status", "T-1", "M-4", "O-1", 3.5),
    ]
    sent = tuple(
        Sent(
            seq=number,
            lane=f"{one.bap_id}\n{one.transaction_id}",
            action=one.action,
            bap_id=one.bap_id,
            transaction_id=one.transaction_id,
            message_id=one.message_id,
            state="delivered",
            order_ref="",
        )
        for number, one in enumerate(told, start=1)
    )
    orders = {one.ref: one for one in (first, second)}
    books = Books(
        orders=orders,
        events={first.ref: (("assign", "system"), ("depart", "seller")), second.ref: (("assign", "system"),)},
        inbox=tuple(
            TakenIn(
                bap_id=one.bap_id,
                action=one.action,
                transaction_id=one.transaction_id,
                message_id=one.message_id,
                callback_seq=next(each.seq for each in sent if each.message_id == one.message_id),
            )
            for one in asked
        ),
        outbox=sent,
        booked={one.slot_ref(one.visit): frozenset(cells_of(one.visit)) for one in orders.values()},
        postings=tuple(
            Posted(f"{ref}:{part}:01", ref, part, 0, "") for ref, one in orders.items() for part in standing(one)
        ),
        sums={
            ref: {part: dict(balances(lines)) for part, lines in standing(one).items()} for ref, one in orders.items()
        },
    )
    act = Act(bap_id=A, order_id="O-1", event="depart", tries=[Try(2.0, 2.5, 200)])
    return Recording(asked=asked, told=told, acts=[act]), books


def _asked(bap_id: str, action: str, transaction_id: str, message_id: str, order_id: str, at: float) -> Asked:
    return Asked(
        bap_id=bap_id,
        action=action,
        transaction_id=transaction_id,
        message_id=message_id,
        order_id=order_id,
        tries=[Try(at, at + 0.1, 200)],
    )


def _told(number: int, bap_id: str, action: str, transaction_id: str, message_id: str, shown: Shown) -> Told:
    return Told(
        number=number,
        at=float(number),
        bap_id=bap_id,
        action=action,
        transaction_id=transaction_id,
        message_id=message_id,
        digest=f"digest of {message_id}",
        problem="",
        answer="ack",
        taken="acked",
        shown=shown,
    )


def _shown(order: Order, second: str, state: str = "Pending") -> Shown:
    assert order.visit.assignee is not None
    return Shown(
        order_id=order.order_id,
        provider_id=order.seller.provider_id,
        status="ACCEPTED",
        state=state,
        updated_at=f"2026-11-30T10:00:{second}.000Z",
        worker=f"{order.visit.assignee.name} {order.visit.assignee.worker_id}",
        start=order.visit.slot.start,
        end=order.visit.slot.end,
        total="199.00",
    )


# What is planted


def of_told(place: int, **changes: Any) -> Callable[[Run], Run]:
    """Change what a buyer recorded."""

    def plant(run: Run) -> Run:
        recording, books = run
        told = [*recording.told]
        told[place] = replace(told[place], **changes)
        return replace(recording, told=told), books

    return plant


def _without_callback(run: Run) -> Run:
    recording, books = run
    return replace(recording, told=recording.told[:3]), replace(
        books, outbox=(*books.outbox[:3], _in_state(books, 3, "pending"))
    )


def _in_state(books: Books, place: int, state: str) -> Sent:
    return replace(books.outbox[place], state=state)


def _with_told(run: Run, *more: Told) -> Run:
    recording, books = run
    return replace(recording, told=[*recording.told, *more]), books


def _doubled(run: Run) -> Run:
    return _with_told(run, replace(run[0].told[1], number=5, at=50.0))


def _swapped(run: Run) -> Run:
    recording, books = run
    first, second, third, fourth = recording.told
    return replace(recording, told=[third, second, replace(first, at=3.2), fourth]), books


def _swapped_with_a_wish(run: Run) -> Run:
    """What was never taken before is not excused by a wish that was answered before."""
    recording, books = _swapped(run)
    wish = Wish(left=2.8, came=2.9, bap_id=A, transaction_id="T-1")
    return replace(recording, wishes=[wish]), books


def _older(run: Run) -> Run:
    recording, books = run
    shown = recording.told[3].shown
    assert shown is not None
    return of_told(3, shown=replace(shown, updated_at="2026-11-30T10:00:00.500Z"))((recording, books))


def _answer_of(place: int, code: str, status: int = 200) -> Callable[[Run], Run]:
    def plant(run: Run) -> Run:
        recording, books = run
        asked = [*recording.asked]
        asked[place] = replace(asked[place], tries=[Try(0.5, 0.6, status, code)])
        return replace(recording, asked=asked), books

    return plant


def _books(**changes: Callable[[Books], Any]) -> Callable[[Run], Run]:
    def plant(run: Run) -> Run:
        recording, books = run
        return recording, replace(books, **{name: change(books) for name, change in changes.items()})

    return plant


def _sold_twice(run: Run) -> Run:
    recording, books = run
    first, second = recording.told[0].shown, recording.told[1].shown
    assert first is not None
    assert second is not None
    return of_told(1, shown=replace(second, start=first.start, end=first.end))((recording, books))


def _paise_off(books: Books) -> Any:
    return (replace(books.postings[0], paise=1), *books.postings[1:])


def _sums_off(books: Books) -> Any:
    ref, parts = next(iter(books.sums.items()))
    part, sums = next(iter(parts.items()))
    account = next(iter(sums))
    return {**books.sums, ref: {**parts, part: {**sums, account: sums[account] + Money(1)}}}


def _same_cells(books: Books) -> Any:
    first, second = books.booked
    return {first: books.booked[first], second: books.booked[first]}


def _given_away(run: Run, worker_id: str, start: datetime) -> Run:
    """The second order was given to a worker by the seller's people; then its buyer app is told of ``start``."""
    recording, books = run
    shown, order = recording.told[1].shown, [*books.orders.values()][1]
    assert shown is not None
    act = Act(bap_id=B, order_id="O-2", event="assign", worker_id=worker_id, tries=[Try(4.2, 4.3, 200)])
    told = replace(
        recording.told[1],
        number=5,
        at=5.0,
        action="on_status",
        message_id="M-5",
        shown=replace(shown, worker=f"Somebody {worker_id}", start=start, end=start + timedelta(hours=1)),
    )
    recording = replace(recording, told=[*recording.told, told], acts=[*recording.acts, act])
    sent = replace(books.outbox[1], seq=5, action="on_status", message_id="M-5")
    events = {**books.events, order.ref: (*books.events[order.ref], ("assign", "seller"))}
    return recording, replace(books, outbox=(*books.outbox, sent), events=events)


def _given_twice(run: Run) -> Run:
    return _given_away(run, _leader(run, 0), START)


def _leader(run: Run, number: int) -> str:
    order = [*run[1].orders.values()][number]
    assert order.visit.assignee is not None
    return order.visit.assignee.worker_id


def _relieved(run: Run, *, times: int) -> Run:
    """The first order's worker was out, another goes; so many times on record."""
    recording, books = run
    ref = next(iter(books.orders))
    relief = Relief(worker_id=_leader(run, 0), now={ref: "W-9"}, tries=[Try(4.2, 4.3, 0), Try(4.5, 4.6, 200)])
    events = {**books.events, ref: (*books.events[ref], *[("reassign", "seller")] * times)}
    return replace(recording, reliefs=[relief]), replace(books, events=events)


def _sold_when_relieved(run: Run) -> Run:
    """The second order gets what was the first one's time, after that one was given to somebody else."""
    return _given_away(_relieved(run, times=1), _leader(run, 0), START)


def _nobodys(books: Books) -> Any:
    """The first order waits for a worker."""
    (ref, order), *others = books.orders.items()
    visit = replace(order.visit, stage=Stage.PENDING, assignee=None)
    return {ref: replace(order, fulfillments=(visit,)), **dict(others)}


PLANTED: Mapping[str, tuple[str, Callable[[Run], Run]]] = {
    "a callback is lost": ("answered", _without_callback),
    "an answer was never stored": (
        "answered",
        lambda run: _books(outbox=lambda books: books.outbox[:3])((replace(run[0], told=run[0].told[:3]), run[1])),
    ),
    "a callback waits for ever": (
        "ended",
        _books(outbox=lambda books: (*books.outbox[:3], _in_state(books, 3, "pending"))),
    ),
    "a delivery is on record that was not taken": ("truthful", of_told(3, taken="again")),
    "a refusal is on record that was none": (
        "truthful",
        _books(outbox=lambda books: (*books.outbox[:3], _in_state(books, 3, "refused"))),
    ),
    "a callback came that nobody stored": ("truthful", of_told(2, message_id="M-9")),
    "a signature did not hold": ("signed", of_told(1, problem="signature_mismatch")),
    "a second try had other bytes": (
        "same_bytes",
        lambda run: _with_told(run, replace(run[0].told[1], digest="another")),
    ),
    "a callback was doubled": ("told_once", _doubled),
    "two callbacks were swapped": ("in_order", _swapped),
    "two callbacks were swapped, and a wish was answered before": ("in_order", _swapped_with_a_wish),
    "a status was older than what was known": ("never_back", _older),
    "an order was confirmed and is not there": (
        "one_order",
        _books(orders=lambda books: dict([*books.orders.items()][:1])),
    ),
    "an order is there that nobody confirmed": ("one_order", _answer_of(0, "30000")),
    "an event happened twice": (
        "one_event",
        _books(events=lambda books: {ref: (*some, ("depart", "seller")) for ref, some in books.events.items()}),
    ),
    "an event is lost": (
        "one_event",
        _books(events=lambda books: {ref: some[:1] for ref, some in books.events.items()}),
    ),
    "a refused request had an effect": ("nothing_half", _answer_of(2, "30000")),
    "an ACKed request left nothing": ("nothing_half", _books(inbox=lambda books: books.inbox[:2])),
    "an unanswered request was half done": (
        "nothing_half",
        _books(inbox=lambda books: (*books.inbox[:2], replace(books.inbox[2], callback_seq=99))),
    ),
    "a slot was sold twice": ("slot_once", _sold_twice),
    "a worker was given an order at a time that was sold": ("slot_once", _given_twice),
    "a relief was done twice": ("one_event", lambda run: _relieved(run, times=2)),
    "a relief is lost": ("one_event", lambda run: _relieved(run, times=0)),
    "an order that waits for a worker has kept the time": ("slot_kept", _books(orders=_nobodys)),
    "a cell is booked for two": ("slot_kept", _books(booked=_same_cells)),
    "an order has lost its time": ("slot_kept", _books(booked=lambda books: dict([*books.booked.items()][:1]))),
    "a posting does not balance": ("balanced", _books(postings=_paise_off)),
    "a posting was reversed twice": (
        "balanced",
        _books(
            postings=lambda books: (
                *books.postings,
                *(Posted(f"R{number}", books.postings[0].ref, "x", 0, books.postings[0].id) for number in range(2)),
            )
        ),
    ),
    "the books are not what an order stands for": ("books_agree", _books(sums=_sums_off)),
    "a payment was posted twice": (
        "books_agree",
        _books(postings=lambda books: (*books.postings, replace(books.postings[0], id="again"))),
    ),
    "the books know an order that there is not": (
        "books_agree",
        _books(sums=lambda books: {**books.sums, "R-9": next(iter(books.sums.values()))}),
    ),
}
"""By what is planted: the law that must see it, and how it is planted."""


def _with_fault(run: Run, kind: str) -> Run:
    recording, books = run
    return replace(recording, faults=[Fault(kind=kind, began=10.0, ended=20.0)]), books


def _killed(run: Run) -> Run:
    recording, books = run
    return replace(recording, faults=[Fault(kind="line not reached", began=10.0, ended=20.0, kills=2)]), books


def _stalled(run: Run) -> Run:
    recording, books = run
    asked = [*recording.asked]
    asked[2] = replace(asked[2], tries=[*asked[2].tries, Try(6.0, 16.0, 0)])
    return replace(recording, asked=asked), books


def _repeated(run: Run) -> Run:
    recording, books = run
    asked = [*recording.asked]
    asked[1] = replace(asked[1], tries=[*asked[1].tries, Try(40.0, 40.1, 200)])
    return replace(recording, asked=asked), books


def _wished_while_the_next_was_under_way(run: Run) -> Run:
    """The first comes again after the third, which had left before the operator's wish was answered."""
    recording, books = run
    first, second, third, fourth = recording.told
    again = replace(first, number=4, at=3.1)
    wish = Wish(left=2.8, came=2.9, bap_id=A, transaction_id="T-1")
    told = [first, second, third, again, replace(fourth, number=5)]
    return replace(recording, told=told, wishes=[wish]), books


def _twice_tried(run: Run) -> Run:
    again = replace(run[0].told[1], number=5, at=50.0)
    return _with_told(of_told(1, taken="again", answer="500")(run), again)


def _given_up(run: Run) -> Run:
    recording, books = run
    return replace(recording, told=recording.told[:3]), replace(
        books, outbox=(*books.outbox[:3], _in_state(books, 3, "given_up"))
    )


EXCUSED: Mapping[str, Callable[[Run], Run]] = {
    "a callback came again after a fault that hid its delivery": lambda run: _with_fault(_doubled(run), "kill all"),
    "a callback came again after a process died of whatever it was": lambda run: _killed(_doubled(run)),
    "a callback came again when the server was too slow to answer anybody": lambda run: _stalled(_doubled(run)),
    "a callback came again after its request did": lambda run: _repeated(_doubled(run)),
    "a callback came again after what was under way when an operator wished for it": (
        _wished_while_the_next_was_under_way
    ),
    "a callback came again since it was not taken": _twice_tried,
    "a callback was given up, on record": _given_up,
    "a worker's visits went to others": lambda run: _relieved(run, times=1),
    "a worker who was relieved of an order was given another at that time": _sold_when_relieved,
}
