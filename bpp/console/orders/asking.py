"""What each form asks before something is done to an order, and what it says first: charges, free times, candidates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bpp.console.language import gettext, msg
from bpp.console.orders.forms import MOST_LINES
from bpp.console.orders.told import called
from bpp.console.orders.words import PAYMENT_TYPES
from bpp.console.orders.words_choice import REASONS
from bpp.console.page import Visit
from bpp.console.shown import moment, number, rupees, said
from bpp.core.pay import paid_to_us, receivable
from bpp.core.roster import load_roster
from bpp.core.selection import visit_of
from bpp.core.world import World
from bpp.operator.bookings_order_models import CancellationQuery, CancellationQuote, SlotsAnswer, SlotsQuery
from bpp.operator.bookings_terms import get_cancellation, get_slots
from bpp.operator.order_events import By
from bpp.orders.model import Fulfillment, Order
from bpp.orders.ratings import LONGEST_FEEDBACK
from bpp.orders.reasons import CONFIRM_FAILED, NOT_ANSWERED
from bpp.orders.states import Stage
from bpp.storage.ports import Work
from catalog.availability import cells_needed, free_at
from catalog.moments import wire_time
from catalog.money import total

MOST_STARTS = 60
FIRST_LINE = 1
STARS = tuple((str(one), "★" * one) for one in (5, 4, 3, 2, 1))
NOT_SAID = frozenset({CONFIRM_FAILED, NOT_ANSWERED, "051", "999"})
"""Reasons that nobody gives by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A field of a form; one of its ``options``, pairs of value and text, is chosen.

    One that says how long its text may be at most, ``longest``, has several lines.
    """

    name: str
    label: str
    options: Sequence[tuple[str, str]] = ()
    required: bool = False
    hint: str = ""
    value: str = ""
    longest: int = 0
    keyboard: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is said before, whether it is ``possible``, the fields; ``kept`` are sent as they were said."""

    words: Sequence[str] = ()
    possible: bool = True
    inputs: Sequence[Input] = ()
    kept: Mapping[str, str] = field(default_factory=dict)


Asking = Callable[[Visit, Order, Work, World], Awaitable[Asked]]


async def nothing(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """Only whether it is sure."""
    del visit, order, work, world
    return Asked()


def cancelling(by: By) -> Asking:
    """The charge of giving the order up, and why."""

    async def ask(visit: Visit, order: Order, work: Work, world: World) -> Asked:
        del order
        answer = await get_cancellation(visit.call(query=CancellationQuery(by=by)), work, world)
        cost = answer.content
        assert isinstance(cost, CancellationQuote)  # noqa: S101  what the call answers with
        words = [said(cost.words)]
        if cost.penalty != "0.00":
            words.append(gettext("The provider owes a penalty of %(amount)s.") % {"amount": rupees(cost.penalty)})
        return Asked(words=words, inputs=_why("buyer" if by == "consumer" else "seller"), kept={"expect_fee": cost.fee})

    return ask


async def declining(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """Why the provider does not take it."""
    del visit, order, work, world
    return Asked(words=[gettext("The customer gets everything back.")], inputs=_why("seller"))


def _why(side: str) -> list[Input]:
    codes = [(code, gettext(text)) for (by, code), text in REASONS.items() if by == side and code not in NOT_SAID]
    return [
        Input(name="reason", label=gettext("Reason"), options=codes, required=True),
        Input(name="own_words", label=gettext("Or in other words"), hint=gettext("Nothing about health or family.")),
    ]


def moving(by: By) -> Asking:
    """The charge of another time, and the free ones."""

    async def ask(visit: Visit, order: Order, work: Work, world: World) -> Asked:
        answer = await get_slots(visit.call(query=SlotsQuery(by=by, limit=MOST_STARTS)), work, world)
        free = answer.content
        assert isinstance(free, SlotsAnswer)  # noqa: S101  what the call answers with
        now = gettext("Now it is on %(when)s.") % {"when": moment(order.visit.slot.start)}
        if not free.starts:
            return Asked(words=[now, gettext("No other time is free.")], possible=False)
        starts = [(wire_time(one), moment(one)) for one in free.starts]
        return Asked(
            words=[now, said(free.words)],
            inputs=[Input(name="start", label=gettext("New time"), options=starts, required=True)],
            kept={"expect_fee": free.fee},
        )

    return ask


async def assigning(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """Who is free at that time."""
    del visit
    free = await _free_workers(order, order.visit, work, world)
    if not free:
        return Asked(words=[gettext("Nobody of the provider is free at that time.")], possible=False)
    best = ("", gettext("The best free one"))
    return Asked(
        inputs=[Input(name="worker_id", label=gettext("Who shall go"), options=[best, *free])],
    )


async def dropping(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """Why the worker cannot go, and among whom the next is chosen."""
    del visit
    left = order.visit
    team = [one for one in (left.assignee, *left.crew) if one]
    coming = ", ".join(one.name for one in team)
    free = [name for worker, name in await _free_workers(order, left, work, world) if worker not in _ids(left)]
    words = [gettext("Who was to come: %(who)s") % {"who": coming}] if coming else []
    words.append(
        gettext("Free at that time: %(who)s") % {"who": ", ".join(free)}
        if free
        else gettext("Nobody else of the provider is free at that time.")
    )
    hint = gettext("Nothing about health or family.")
    return Asked(words=words, inputs=[Input(name="reason", label=gettext("Reason"), required=True, hint=hint)])


async def _free_workers(order: Order, visit: Fulfillment, work: Work, world: World) -> list[tuple[str, str]]:
    provider = world.catalog.providers.get(order.seller.provider_id)
    if provider is None:
        return []
    wanted = visit_of(order, provider, visit)
    team = await load_roster(wanted, work, world, ref=order.slot_ref(visit))
    free = free_at(team.calendars, visit.slot.start, cells_needed(wanted.minutes), team.span)
    return [(one, world.catalog.workers[one].name) for one in free]


def _ids(visit: Fulfillment) -> set[str]:
    return {one.worker_id for one in (visit.assignee, *visit.crew) if one}


async def starting(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """The OTP that the customer tells."""
    del visit, order, work, world
    hint = gettext("The customer has it in the buyer app, or is told it by telephone.")
    return Asked(
        inputs=[Input(name="otp", label=gettext("OTP of the customer"), required=True, hint=hint, keyboard="numeric")]
    )


async def overriding(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """Why there is no OTP."""
    del visit, order, work, world
    return Asked(
        words=[gettext("The work begins without the customer's OTP. Your name and the reason are kept.")],
        inputs=[Input(name="reason", label=gettext("Reason"), required=True)],
    )


async def quoting(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """The lines of a quotation, how long it holds, and how much time the work takes."""
    del visit, order, work, world
    lines = [
        one
        for place in range(1, MOST_LINES + 1)
        for one in (
            Input(
                name=f"title_{place}",
                label=gettext("Work or part %(number)s") % {"number": number(place)},
                required=place == FIRST_LINE,
            ),
            Input(
                name=f"price_{place}",
                label=gettext("Price of one, with tax, in rupees"),
                required=place == FIRST_LINE,
                keyboard="decimal",
            ),
            Input(name=f"count_{place}", label=gettext("How many"), value="1", keyboard="numeric"),
        )
    ]
    valid = [(code, gettext(text)) for code, text in VALID.items()]
    lasting = [(code, gettext(text)) for code, text in LASTING.items()]
    return Asked(
        words=[gettext("The customer is asked; nothing is done before the answer.")],
        inputs=[
            *lines,
            Input(name="valid_for", label=gettext("Valid for"), options=valid, value="P1D"),
            Input(name="minutes", label=gettext("When the work is done"), options=lasting, value="0"),
        ],
    )


VALID: Mapping[str, str] = {
    "PT1H": msg("one hour"),
    "PT4H": msg("four hours"),
    "P1D": msg("one day"),
    "P2D": msg("two days"),
}
LASTING: Mapping[str, str] = {
    "0": msg("in this visit"),
    "60": msg("in another visit of one hour"),
    "120": msg("in another visit of two hours"),
    "240": msg("in another visit of four hours"),
}


async def answering(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """Which quotation, and what it comes to."""
    del visit, work
    name = called(order, world)
    waiting = [
        (one.id, f"{rupees(total(line.amount for line in one.lines))}: {', '.join(name(i.name) for i in one.items)}")
        for one in reversed(order.open_proposals)
    ]
    return Asked(inputs=[Input(name="quote_id", label=gettext("Quotation"), options=waiting, required=True)])


async def refusing(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """The same, and why it is not wanted."""
    asked = await answering(visit, order, work, world)
    return Asked(inputs=[*asked.inputs, Input(name="reason", label=gettext("Reason"))])


async def paying(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """Which payment came in."""
    del visit, work, world
    quoted = [payment for one in order.open_proposals for payment in paid_to_us(one)]
    due = [
        (one.id, f"{rupees(str(one.amount))}, {gettext(PAYMENT_TYPES[one.type])}")
        for one in (*receivable(order), *quoted)
    ]
    hint = gettext("Of the bank or UPI, or the receipt's number.")
    return Asked(
        inputs=[
            Input(name="payment_id", label=gettext("Payment"), options=due, required=True),
            Input(name="transaction_id", label=gettext("Number of the payment"), required=True, hint=hint),
        ]
    )


async def rating(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """Stars for the provider and who came, and the customer's words."""
    del visit, work
    came = [one.assignee for one in order.fulfillments if one.stage is Stage.COMPLETED and one.assignee]
    inputs = [Input(name="provider_stars", label=called(order, world)(order.seller.name), options=STARS, required=True)]
    if came:
        none = ("", gettext("not said"))
        inputs.append(Input(name="worker_stars", label=came[-1].name, options=[none, *STARS]))
    inputs.append(
        Input(
            name="feedback",
            label=gettext("In the customer's words"),
            longest=LONGEST_FEEDBACK,
            hint=gettext("Only the provider and the Samiti read it; it is not published."),
        )
    )
    return Asked(inputs=inputs, kept={"worker_id": came[-1].worker_id} if came else {})
