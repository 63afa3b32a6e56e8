"""Messages that come twice, late, too early or out of order. Source: assertion 5; network 5, incoming rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bpp.conformance.scenarios.booking import (
    booked,
    cancel,
    confirm,
    confirm_order,
    init,
    init_order,
    search,
    search_for,
    select,
    status,
)
from bpp.conformance.scenarios.changing import answer_quote, move, moved_far, requote
from bpp.conformance.scenarios.play import Broken, Play
from bpp.conformance.scenarios.steps import Act, Ask, Scenario, Twist, Wire
from bpp.conformance.scenarios.trying import Tries, says
from bpp.sandbox import messages
from bpp.sandbox.exchange import Json, Sent
from bpp.sandbox.moments import wire_time


def sent_before(play: Play, action: str) -> Sent:
    """The last request of an action in this transaction, as it was sent. Raises ``Broken``."""
    for one in reversed(play.stage.buyer.answers):
        if one.request.action == action and one.request.transaction_id == play.transaction_id:
            return one.request
    raise Broken(f"there was no {action}")


def again(action: str) -> Ask:
    """The last request of an action once more, the same bytes."""
    wire: Wire = lambda play, _: (sent_before(play, action).body, {})  # noqa: E731  a row of a table
    return Ask(probe=f"{action}_repeated", action=action, build=lambda _: {}, wire=wire)


def _ids_of(action: str, before: timedelta = timedelta()) -> Twist:
    """The message_id of the last request of an action, and its timestamp or one earlier by ``before``."""

    def twist(play: Play, envelope: Json) -> Json:
        stamp = wire_time(play.stage.buyer.clock() - before)
        return says(message_id=sent_before(play, action).message_id, timestamp=stamp)(play, envelope)

    return twist


def _shifted(by: timedelta) -> Twist:
    return lambda play, envelope: says(timestamp=wire_time(play.stage.buyer.clock() + by))(play, envelope)


def _no_order(build: Callable[[str], Json]) -> Callable[[Play], Json]:
    """A message about an order that there is not."""
    return lambda play: build(f"O-{play.stage.buyer.new_id()}")


def _id_of_quote(play: Play, envelope: Json) -> Json:
    return says(message_id=play.got("requote").message_id)(play, envelope)


REPEATED = (
    again("confirm"),
    Ask(probe="same_ids_other_body", action="confirm", build=confirm_order, twist=_ids_of("confirm")),
    Ask(
        probe="older_same_ids",
        action="confirm",
        build=confirm_order,
        twist=_ids_of("confirm", before=timedelta(seconds=20)),
    ),
)

UNTIMELY = (
    Ask(probe="late", action="search", build=search_for, twist=_shifted(-timedelta(minutes=10)), anew=True),
    Ask(probe="ahead", action="search", build=search_for, twist=_shifted(timedelta(hours=1)), anew=True),
)

EARLY = (
    Ask(probe="init_without_select", action="init", build=init_order, anew=True),
    Ask(probe="confirm_without_init", action="confirm", build=confirm_order, anew=True),
    Ask(probe="status_of_no_order", action="status", build=_no_order(messages.status_message)),
    Ask(
        probe="cancel_before_confirm",
        action="cancel",
        build=_no_order(lambda order_id: messages.cancel_message(order_id, "001")),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="repeated_messages",
        title="A message that comes twice has one effect",
        steps=(
            *(search(), select(), Tries(name="select again", tries=(again("select"),), answers=False)),
            *(init(), confirm(), Tries(name="repeated", tries=REPEATED, answers=False)),
            Tries(
                name="update under the id of confirm",
                tries=(
                    Ask(
                        probe="update_reuses_confirm",
                        action="update",
                        build=move(moved_far(3)).build,
                        twist=_ids_of("confirm"),
                    ),
                ),
            ),
            cancel(),
            Tries(name="cancel again", tries=(again("cancel"),), answers=False, listens=True),
            status(),
        ),
        once=True,
    ),
    Scenario(
        name="reused_message_id",
        title="An update may bear the message_id of the on_update that it answers",
        steps=(
            *booked("survey"),
            *(Act(event="depart"), Act(event="arrive"), requote()),
            Tries(
                name="update under the id of on_update",
                tries=(
                    Ask(
                        probe="update_reuses_on_update",
                        action="update",
                        build=answer_quote(takes=True).build,
                        twist=_id_of_quote,
                    ),
                ),
            ),
        ),
        once=True,
    ),
    Scenario(
        name="untimely_messages",
        title="Messages that come late, ahead of time, or before the one that they follow",
        steps=(
            *(search(), select(), init()),
            Tries(name="late and ahead", tries=UNTIMELY, answers=False),
            Tries(name="too early", tries=EARLY, answers=False, listens=True),
        ),
        once=True,
    ),
)
