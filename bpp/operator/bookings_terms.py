"""What a change would cost, said before it is made; and the token for whom no buyer app shows it."""

from __future__ import annotations

from datetime import datetime

from beckn_schemas.base import parse_duration
from bpp.core.advance import allowed_events
from bpp.core.give_up import cancellation_term_of, charge_holds_until
from bpp.core.give_up import charge as cancellation_charge
from bpp.core.otp import OverrideNeeded, tell
from bpp.core.reschedule import moving_fee, other_starts, reschedule_term_of, visit_meant
from bpp.core.world import World
from bpp.errors import BppError
from bpp.operator.bookings_find import in_words
from bpp.operator.bookings_order_models import (
    CancellationQuery,
    CancellationQuote,
    OtpTold,
    SlotsAnswer,
    SlotsQuery,
)
from bpp.operator.order_commands import ACTORS, SIDES
from bpp.operator.orders import order_at
from bpp.operator.problems import CONFLICT, ApiProblem, of_error
from bpp.operator.routes import Answer, Call
from bpp.orders.model import Fulfillment, Order
from bpp.orders.states import Actor, Event
from bpp.orders.words import CANCELLING, MOVING, TELL_OTP, charge
from bpp.storage.ports import Work


async def get_cancellation(call: Call, work: Work, world: World) -> Answer:
    """What cancelling costs now, by whom, and until when that holds."""
    query: CancellationQuery = call.query
    order, actor = await order_at(call, work), ACTORS[SIDES[query.by]]
    _possible(order, Event.CANCEL, actor)
    cost = cancellation_charge(order, actor, world)
    term, until = cancellation_term_of(order, order.visit, world), charge_holds_until(order, world)
    return Answer(
        content=CancellationQuote(
            by=query.by,
            fee=str(cost.fee),
            refund=str(cost.refund),
            penalty=str(cost.penalty),
            term=order.visit.code,
            reason_required=term is None or term.reason_required,
            valid_until=until,
            words=in_words(charge(CANCELLING, until, fee=cost.fee, refund=cost.refund)),
        )
    )


async def get_slots(call: Call, work: Work, world: World) -> Answer:
    """When a visit could be instead, and what moving it costs."""
    query: SlotsQuery = call.query
    order, actor = await order_at(call, work), ACTORS[SIDES[query.by]]
    try:
        visit = visit_meant(order, query.fulfillment_id)
        _possible(order, Event.RESCHEDULE, actor, visit)
        fee = moving_fee(order, actor, visit.id, world)
        starts = await other_starts(order, visit, work, world)
    except BppError as problem:
        raise of_error(problem, path=problem.path) from problem
    until = _movable_until(order, visit) if actor is Actor.BUYER else None
    return Answer(
        content=SlotsAnswer(
            by=query.by,
            fee=str(fee),
            valid_until=until,
            starts=list(starts[: query.limit]),
            words=in_words(charge(MOVING, until, fee=fee)),
        )
    )


async def post_otp(call: Call, work: Work, world: World) -> Answer:
    """The token, on the customer's word; that it was told, and by whom, stands in the order's life."""
    order = await order_at(call, work)
    if order.peer is not None:
        raise ApiProblem(CONFLICT, "shown_by_buyer_app", "the customer's buyer app shows the OTP")
    try:
        token, otp = await tell(order, call.caller.name, work, world)
    except OverrideNeeded as problem:
        text = "too many wrong OTPs: only a supervisor's override, with a reason, starts the job now"
        raise ApiProblem(CONFLICT, "override_needed", text) from problem
    gaps = {"otp": token}
    return Answer(content=OtpTold(otp=token, valid_until=otp.valid_to, words=in_words(TELL_OTP.filled(gaps, gaps))))


def _movable_until(order: Order, visit: Fulfillment) -> datetime | None:
    term = reschedule_term_of(order, visit)
    return visit.slot.start - parse_duration(term.within) if term is not None else None


def _possible(order: Order, event: Event, actor: Actor, visit: Fulfillment | None = None) -> None:
    """Raise ApiProblem 409 for what the state does not allow this side."""
    allowed = allowed_events(order, actor, visit)
    if event not in allowed:
        text = f"{event} is not possible in {(visit or order.visit).stage}"
        raise ApiProblem(CONFLICT, "not_allowed", text, allowed=[one.value for one in allowed])
