"""The reconciler: what must hold between what buyers recorded and what the seller has on record. Pure; docs/chaos.md.

Each law is a function that yields what breaks it, in words that name the message or order. Where a law makes an
exception, the recording must show the reason for it: a repeated request, or a fault in between.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from bpp.ledger.model import balances
from bpp.ledger.standing import standing
from bpp.orders.states import Event, Stage
from catalog.money import ZERO, total
from tests.chaos.books import Books, Sent
from tests.chaos.recording import Asked, Recording, Shown, Told
from tests.machine.watch import is_time_of

SERVER_FAULTS = frozenset(
    {
        "kill all",
        "kill worker",
        "terminate",
        "postgres stopped",
        "postgres killed",
        "disk full",
        "clock",
        "die at a line",
        "die at a callback",
    }
)
"""Those that may lie between a buyer's ACK and its record, as every fault does of which a process died."""
STALLED = 9.0
"""Seconds after which a request without an answer is one that the server was too slow for: what buyer apps wait, nearly."""
SILENT = frozenset({"search"})
"""What may have no callback: a seller that finds nothing says nothing."""
CELL = timedelta(minutes=15)
UNDER_WAY = 10.0
"""Seconds for which a post may be under way (``Transport``)."""
AFTERMATH = 15.0
"""Seconds for which a fault may be felt: leases run out, and a post that was under way ends, in less."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that did not hold, and where."""

    law: str
    what: str


@dataclass(frozen=True)
class Evidence:
    """Both sides, and what several laws look for in them."""

    recording: Recording
    books: Books

    @cached_property
    def arrivals(self) -> Mapping[tuple[str, str, str], Sequence[Told]]:
        """Every arrival of each callback, in order."""
        found: defaultdict[tuple[str, str, str], list[Told]] = defaultdict(list)
        for one in self.recording.told:
            found[one.key].append(one)
        return found

    @cached_property
    def sent(self) -> Mapping[tuple[str, str, str], Sent]:
        """What the outbox has of each callback."""
        return {one.key: one for one in self.books.outbox}

    @cached_property
    def repeated(self) -> Mapping[tuple[str, str], Sequence[tuple[float, float]]]:
        """By buyer app and transaction, from when until when a request that was made before was made again.

        An operator's wish counts as one.
        """
        found: defaultdict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        for asked in self.recording.asked:
            found[asked.bap_id, asked.transaction_id] += [(one.left, one.came) for one in asked.tries[1:]]
        for wish in self.recording.wishes:
            found[wish.bap_id, wish.transaction_id].append((wish.left, wish.came))
        return found

    def excused(self, told: Told, again: Told, *, under_way: float = 0.0) -> bool:
        """Whether something explains that a callback came again: its request did, or a fault hid that it was taken.

        So may the server's being too slow for everybody: a delivery has no more time than a request has. ``under_way``
        is for how long ``told`` may have been on its way when it arrived.
        """
        repeated = self.repeated.get((told.bap_id, told.transaction_id), ())
        return (
            any(left <= again.at and came + under_way >= told.at for left, came in repeated)
            or any(left <= again.at and came >= told.at for left, came in self.stalls)
            or any(
                (one.kills or one.kind in SERVER_FAULTS) and one.began <= again.at and one.ended + AFTERMATH >= told.at
                for one in self.recording.faults
            )
        )

    @cached_property
    def stalls(self) -> Sequence[tuple[float, float]]:
        """From when until when somebody waited for an answer in vain, for as long as a buyer app waits."""
        tries = (one for asked in self.recording.asked for one in asked.tries)
        return [(one.left, one.came) for one in tries if one.status == 0 and one.came - one.left >= STALLED]

    @cached_property
    def order_of(self) -> Mapping[tuple[str, str], str]:
        """References by buyer app and transaction."""
        return {
            (one.peer.bap_id, one.peer.transaction_id): ref
            for ref, one in self.books.orders.items()
            if one.peer is not None
        }


Law = Callable[[Evidence], Iterator[str]]


def answered(evidence: Evidence) -> Iterator[str]:
    """Every request that was ACKed got its callback, or it is on record why the buyer app did not take it."""
    for asked in evidence.recording.asked:
        if not asked.acked or asked.action in SILENT:
            continue
        key = (asked.bap_id, f"on_{asked.action}", asked.message_id)
        if any(one.taken != "again" for one in evidence.arrivals.get(key, ())):
            continue
        sent = evidence.sent.get(key)
        if sent is None:
            yield f"{_name(asked)} was ACKed, and there is no callback"
        elif sent.state not in ("given_up", "superseded"):
            yield f"{_name(asked)} was ACKed, its callback is {sent.state} and was never taken"


def ended(evidence: Evidence) -> Iterator[str]:
    """Nothing is left to be sent once all is quiet."""
    for one in evidence.books.outbox:
        if one.state == "pending":
            yield f"{one.action} {one.message_id} still waits"


def truthful(evidence: Evidence) -> Iterator[str]:
    """What is on record as delivered was ACKed by the buyer app; as refused, refused; and nothing came of nowhere."""
    for sent in evidence.books.outbox:
        came = evidence.arrivals.get(sent.key, ())
        wanted = {"delivered": "acked", "refused": "refused"}.get(sent.state)
        if wanted is not None and all(one.taken != wanted for one in came):
            yield f"{sent.action} {sent.message_id} is {sent.state} on record, the buyer app has no such answer"
    for key in evidence.arrivals:
        if key not in evidence.sent:
            yield f"{key[1]} {key[2]} came, and is not on record"


def signed(evidence: Evidence) -> Iterator[str]:
    """The signature of every callback held."""
    for one in evidence.recording.told:
        if one.problem:
            yield f"{one.action} {one.message_id}: {one.problem}"


def same_bytes(evidence: Evidence) -> Iterator[str]:
    """Each try of a callback had the same bytes."""
    for key, came in evidence.arrivals.items():
        if len({one.digest for one in came}) > 1:
            yield f"{key[1]} {key[2]} came in different words"


def told_once(evidence: Evidence) -> Iterator[str]:
    """A callback that was taken does not come again, unless its request did or a fault hid that it was taken."""
    for key, came in evidence.arrivals.items():
        taken: Told | None = None
        for one in came:
            if taken is not None and not evidence.excused(taken, one):
                yield f"{key[1]} {key[2]} was taken and came again {one.at - taken.at:.2f} s later"
            if one.taken != "again":
                taken = one


def in_order(evidence: Evidence) -> Iterator[str]:
    """The callbacks of a transaction came in the order in which they were stored, each after the end of the one before.

    What is told beside the lane (31003) waits for nobody. After a repeated request the story may be told again; what
    had been taken before then comes after what was on its way already.
    """
    lanes: defaultdict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in evidence.recording.told:
        sent = evidence.sent.get(one.key)
        if sent is not None and not sent.lane.endswith("\nbeside"):
            lanes[one.bap_id, one.transaction_id].append(one)
    for came in lanes.values():
        newest: tuple[int, Told] | None = None
        taken: set[tuple[str, str, str]] = set()
        for one in came:
            seq = evidence.sent[one.key].seq
            again = newest is not None and seq < newest[0] and one.key in taken
            way = UNDER_WAY if again else 0.0  # a wish may come while what follows is on its way already
            if newest is not None and seq < newest[0] and not evidence.excused(newest[1], one, under_way=way):
                yield f"{one.action} {one.message_id} came after {newest[1].action} {newest[1].message_id}"
            if newest is None or seq > newest[0]:
                newest = (seq, one)
            if one.taken == "acked":
                taken.add(one.key)


def never_back(evidence: Evidence) -> Iterator[str]:
    """Of what is new to a buyer app about an order, nothing is older than what it knows."""
    known: dict[tuple[str, str], tuple[str, Told]] = {}
    seen: set[tuple[str, str, str]] = set()
    for one in evidence.recording.told:
        sent = evidence.sent.get(one.key)
        if one.shown is None or not one.shown.updated_at or one.key in seen or one.error_code:
            continue
        if sent is None or sent.lane.endswith("\nbeside"):
            continue
        seen.add(one.key)
        order = (one.bap_id, one.shown.order_id)
        before = known.get(order)
        if before is not None and one.shown.updated_at < before[0]:
            yield f"{one.action} {one.message_id} tells of {one.shown.updated_at}, after one of {before[0]}"
        known[order] = (one.shown.updated_at, one)


def one_order(evidence: Evidence) -> Iterator[str]:
    """One order for each confirm that was answered with one, and none for any other."""
    refs = evidence.order_of
    if len(refs) != sum(1 for one in evidence.books.orders.values() if one.peer is not None):
        yield "a transaction has more than one order"
    stored = Counter((one.peer.bap_id, one.order_id) for one in evidence.books.orders.values() if one.peer is not None)
    confirmed = {
        (one.bap_id, one.shown.order_id)
        for one in evidence.recording.told
        if one.action == "on_confirm" and one.shown is not None and not one.error_code
    }
    wanted = {
        (one.bap_id, one.order_id)
        for one in evidence.recording.asked
        if one.action == "confirm" and (one.acked or one.open)
    }
    yield from (
        f"order {order} was confirmed and is stored {stored[order]} times" for order in confirmed if stored[order] != 1
    )
    yield from (f"order {order} is stored, and nobody confirmed it" for order in stored if order not in wanted)


def one_event(evidence: Evidence) -> Iterator[str]:
    """What somebody did to an order and saw done was done once; what nobody knows of, once at most; else nothing."""
    refs = {(one.peer.bap_id, one.order_id): ref for ref, one in evidence.books.orders.items() if one.peer is not None}
    done: Counter[tuple[str, str]] = Counter()
    perhaps: Counter[tuple[str, str]] = Counter()
    for act in evidence.recording.acts:
        ref = refs.get((act.bap_id, act.order_id), "")
        done[ref, _on_record(act.event)] += act.done
        perhaps[ref, _on_record(act.event)] += act.open
    anybody = 0
    for relief in evidence.recording.reliefs:
        done.update((ref, RELIEVED) for ref in relief.now)
        anybody += relief.open
    told = {_on_record(act.event) for act in evidence.recording.acts}
    told |= {RELIEVED for _ in evidence.recording.reliefs}
    for ref, events in evidence.books.events.items():
        happened = Counter(_on_record(event) for event, actor in events if actor == "seller")
        for event in told:
            low = done[ref, event]
            high = low + perhaps[ref, event] + (anybody if event == RELIEVED else 0)
            if not low <= happened[event] <= high:
                yield f"{event} of order {ref} happened {happened[event]} times, expected {low} to {high}"
    for asked in evidence.recording.asked:
        if asked.action != "cancel":
            continue
        ref = refs.get((asked.bap_id, asked.order_id), "")
        times = sum(event == "cancel" for event, _ in evidence.books.events.get(ref, ()))
        if times > 1:
            yield f"order {ref} was cancelled {times} times"


RELIEVED = "reassign or unassign"
"""Somebody drops out; where nobody else can go, what was to be the one is on record as the other."""


def _on_record(event: str) -> str:
    return RELIEVED if event in (Event.REASSIGN, Event.UNASSIGN) else event


def nothing_half(evidence: Evidence) -> Iterator[str]:
    """A request that was refused left nothing; one that nobody answered, nothing or all of it, its callback too."""
    taken_in = {(one.bap_id, one.action, one.transaction_id, one.message_id): one for one in evidence.books.inbox}
    numbers = {one.seq for one in evidence.books.outbox}
    asked_for = set()
    for asked in evidence.recording.asked:
        key = (asked.bap_id, asked.action, asked.transaction_id, asked.message_id)
        asked_for.add(key)
        stored = taken_in.get(key)
        if stored is None:
            if asked.acked:
                yield f"{_name(asked)} was ACKed and is not on record"
        elif not asked.acked and not asked.open:
            yield f"{_name(asked)} was refused and is on record"
        elif asked.action not in SILENT and stored.callback_seq not in numbers:
            yield f"{_name(asked)} is on record without its callback"
    yield from (f"{' '.join(key)} is on record, and nobody sent it" for key in taken_in if key not in asked_for)


def slot_once(evidence: Evidence) -> Iterator[str]:
    """As the buyer apps saw it, nobody was to be in two places at once."""
    holds: defaultdict[tuple[str, str, datetime], list[tuple[float, float, str]]] = defaultdict(list)
    for order, periods in _periods(evidence).items():
        for shown, since, until in periods:
            assert shown.start is not None
            assert shown.end is not None
            for step in range((shown.end - shown.start) // CELL):
                cell = (shown.provider_id, shown.worker_id, shown.start + step * CELL)
                holds[cell].append((since, until, " ".join(order)))
    for (provider_id, worker, at), some in holds.items():
        some.sort()
        for (_, until, first), (since, _, second) in pairwise(some):
            if first != second and since < until:
                yield f"{worker} of {provider_id} was sold twice at {at}: {first} and {second}"


def _periods(evidence: Evidence) -> Mapping[tuple[str, str], Sequence[tuple[Shown, float, float]]]:
    """For each order, what of somebody's time it took from when until when, for certain.

    Certain is what a buyer app took, until anybody did what might change it, or something else was shown. Orders with
    something on record that the buyer app never took are left out from the last callback on. Once the seller's people
    gave an order to somebody else, what is shown must agree with what they were told to be certain. Nothing brings back
    an order that was cancelled: an on_confirm that was refused, so that its order was cancelled, and that comes again
    because the confirm was repeated, takes nobody's time.
    """
    changes = _changes(evidence)
    mays: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for asked in evidence.recording.asked:
        if asked.action in ("cancel", "update") and asked.tries:
            mays[asked.bap_id, asked.order_id].append(asked.tries[0].left)
    lost = {(one.bap_id, one.transaction_id) for one in evidence.books.outbox if one.state in ("given_up", "refused")}
    views: defaultdict[tuple[str, str], list[Told]] = defaultdict(list)
    seen: set[tuple[str, str, str]] = set()
    for one in evidence.recording.told:
        if one.shown is None or one.error_code or one.action not in AFTER_CONFIRM or one.key in seen:
            continue
        if one.taken == "acked" or one.shown.status == "CANCELLED":
            seen.add(one.key)
            came = views[one.bap_id, one.shown.order_id]
            if not came or came[-1].shown is None or came[-1].shown.status != "CANCELLED":
                came.append(one)
    found: dict[tuple[str, str], list[tuple[Shown, float, float]]] = {}
    for order, came in views.items():
        for place, one in enumerate(came):
            assert one.shown is not None
            known_lost = (one.bap_id, one.transaction_id) in lost
            last = one.at if known_lost else float("inf")
            until = came[place + 1].at if place + 1 < len(came) else last
            until = min([until, *(at for at in mays[order] if at >= one.at)])
            until = min([until, *(each.left for each in changes[order] if each.left >= one.at)])
            since = max(one.at, _certain_since(one.shown, [each for each in changes[order] if each.left < one.at]))
            begun = any(at <= one.at for at in mays[order]) and one.action not in ("on_update", "on_cancel")
            takes = one.shown.live and one.shown.end is not None and one.shown.status != "COMPLETED"
            if takes and not begun and since < until:
                found.setdefault(order, []).append((one.shown, since, until))
    return found


@dataclass(frozen=True, slots=True)
class _Change:
    """The seller's people gave an order to another, between ``left`` and ``came``; to whom, where they know it."""

    left: float
    came: float
    worker_id: str | None


def _changes(evidence: Evidence) -> defaultdict[tuple[str, str], list[_Change]]:
    """By buyer app and order, in the order in which they began."""
    found: defaultdict[tuple[str, str], list[_Change]] = defaultdict(list)
    for act in evidence.recording.acts:
        if act.event in STAFFING and (act.done or act.open) and act.tries:
            to = act.worker_id if act.done else None
            found[act.bap_id, act.order_id].append(_Change(act.left, act.came, to))
    had: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in evidence.recording.told:
        if one.shown is not None:
            had[one.shown.worker_id].add((one.bap_id, one.shown.order_id))
    for relief in evidence.recording.reliefs:
        for ref, worker_id in relief.now.items():
            order = evidence.books.orders.get(ref)
            if order is not None and order.peer is not None:
                found[order.peer.bap_id, order.order_id].append(_Change(relief.left, relief.came, worker_id))
        for key in had[relief.worker_id] if relief.open and relief.tries else ():
            found[key].append(_Change(relief.left, relief.came, None))
    for some in found.values():
        some.sort(key=lambda one: one.left)
    return found


def _certain_since(shown: Shown, changes: Sequence[_Change]) -> float:
    """From when on it is certain that it is still as shown, after all that was begun before; never, where it is not."""
    if not changes:
        return 0.0
    *before, last = changes
    if last.worker_id != shown.worker_id or any(one.came > last.left for one in before):
        return float("inf")
    return last.came


STAFFING = frozenset({Event.ASSIGN, Event.REASSIGN, Event.UNASSIGN})
AFTER_CONFIRM = frozenset({"on_confirm", "on_status", "on_update", "on_cancel"})


def slot_kept(evidence: Evidence) -> Iterator[str]:
    """Booked is exactly what live orders need, cell by cell, and nobody's cell is booked for two."""
    wanted = {
        order.slot_ref(visit): visit
        for order in evidence.books.orders.values()
        for visit in order.fulfillments
        if visit.stage not in (Stage.CANCELLED, Stage.PENDING)
    }
    for ref in wanted.keys() | evidence.books.booked.keys():
        if ref not in wanted or not is_time_of(wanted[ref], evidence.books.booked.get(ref, frozenset())):
            yield f"{ref} has not exactly its own cells"
    sold = Counter(cell for cells in evidence.books.booked.values() for cell in cells)
    yield from (f"{worker} is booked {times} times at {at}" for (worker, at), times in sold.items() if times > 1)


def balanced(evidence: Evidence) -> Iterator[str]:
    """Every posting comes to nothing, and so do all balances together."""
    for one in evidence.books.postings:
        if one.paise:
            yield f"posting {one.id} is {one.paise} paise off"
    undone = Counter(one.reverses for one in evidence.books.postings if one.reverses)
    yield from (f"posting {one} was reversed {times} times" for one, times in undone.items() if times > 1)


def books_agree(evidence: Evidence) -> Iterator[str]:
    """The books say of each order, part by part, what its state says, posted once; and nothing of any other."""
    for ref, order in evidence.books.orders.items():
        wanted = {part: dict(balances(lines)) for part, lines in standing(order).items()}
        if evidence.books.sums.get(ref, {}) != wanted:
            yield f"the books of order {ref} are not what it stands for"
        if any(total(lines.values()) != ZERO for lines in wanted.values()):
            yield f"what order {ref} stands for does not balance"
    for ref in evidence.books.sums:
        if ref and ref not in evidence.books.orders:
            yield f"the books know of an order {ref} that there is not"
    standing_now: Counter[tuple[str, str]] = Counter()
    for one in evidence.books.postings:
        standing_now[one.ref, one.part] += -1 if one.reverses else 1
    yield from (
        f"{part} of order {ref} stands {times} times" for (ref, part), times in standing_now.items() if times > 1
    )


LAWS: tuple[Law, ...] = (
    answered,
    ended,
    truthful,
    signed,
    same_bytes,
    told_once,
    in_order,
    never_back,
    one_order,
    one_event,
    nothing_half,
    slot_once,
    slot_kept,
    balanced,
    books_agree,
)


def reconcile(recording: Recording, books: Books) -> list[Broken]:
    """Everything that does not hold."""
    evidence = Evidence(recording, books)
    return [Broken(law.__name__, what) for law in LAWS for what in law(evidence)]


def _name(asked: Asked) -> str:
    return f"{asked.action} {asked.message_id}"
