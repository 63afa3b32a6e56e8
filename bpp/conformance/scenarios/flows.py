"""The flows of the services specification: see ``flows.md`` of ONDC's services 2.0.0.

Reselection of the schedule, an order without one and a customised one stand in ``selecting.py``.
"""

from __future__ import annotations

from bpp.conformance.scenarios.booking import (
    booked,
    cancel,
    carried_out,
    confirm,
    enter_lapsed_code,
    enter_wrong_code,
    hear_the_refusal,
    init,
    let_code_lapse,
    search,
    select,
    start,
    status,
)
from bpp.conformance.scenarios.changing import (
    answer_quote,
    choose_far_ahead,
    move,
    requote,
)
from bpp.conformance.scenarios.selecting import select_in_vain
from bpp.conformance.scenarios.steps import Act, Listen, Scenario

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="service_completion",
        title="Booking of a home service, to its invoice",
        core=True,
        steps=(*booked(), status(), *carried_out()),
    ),
    Scenario(
        name="re_otp",
        title="A wrong one-time password, another one, and the service is carried out",
        core=True,
        steps=(
            *booked(),
            Act(event="depart"),
            Act(event="arrive"),
            Act(event="complete", name="complete without a code", tells="", refused=True),
            enter_wrong_code(),
            start(),
            Act(event="complete"),
        ),
    ),
    Scenario(
        name="otp_expired",
        title="A one-time password that has run out does not start the service",
        steps=(
            *booked(),
            *(Act(event="depart"), Act(event="arrive"), let_code_lapse(), enter_lapsed_code(), hear_the_refusal()),
        ),
        once=True,
    ),
    Scenario(
        name="consultation",
        title="A visit, a further quotation that the buyer pays, and the work that was quoted for",
        core=True,
        steps=(*booked("survey"), status(), *carried_out(), requote(), answer_quote(takes=True), *carried_out()),
    ),
    Scenario(
        name="consultation_schedule_reselection",
        title="A visit at another time than was wanted first, and a further quotation that the buyer pays",
        core=True,
        steps=(
            search("survey"),
            select_in_vain(),
            select(),
            init(),
            confirm(),
            status(),
            *carried_out(),
            requote(),
            answer_quote(takes=True),
        ),
    ),
    Scenario(
        name="consultation_refused",
        title="A further quotation that the buyer does not want: what was agreed goes on",
        steps=(
            *booked("survey"),
            Act(event="depart"),
            Act(event="arrive"),
            start(),
            requote(),
            answer_quote(takes=False),
            Act(event="complete"),
        ),
    ),
    Scenario(name="buyer_cancel", title="The buyer cancels the order", core=True, steps=(*booked(), cancel())),
    Scenario(
        name="seller_cancel",
        title="The seller cancels the order",
        core=True,
        steps=(
            *booked(),
            Act(event="cancel", tells="on_cancel", details=lambda _: {"reason": "022"}),
            Listen(),
        ),
    ),
    Scenario(
        name="reschedule",
        title="Another time after the order was confirmed",
        core=True,
        steps=(
            search(),
            choose_far_ahead(),
            select(),
            init(),
            confirm(),
            move(),
            status(),
            *carried_out(),
        ),
    ),
)
