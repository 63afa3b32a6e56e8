"""Agreeing: what is left out, altered, lost or taken twice. Source: protocol 1.5, 1.6, 7; assertions 25 to 35."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from beckn_schemas.base import parse_duration
from bpp.conformance.scenarios.booking import anew, cancel, confirm, init, order_id, search, select, status
from bpp.conformance.scenarios.choices import provider
from bpp.conformance.scenarios.play import PATIENCE, Impossible, Play
from bpp.conformance.scenarios.rivals import Beside, Together
from bpp.conformance.scenarios.steps import Ask, Do, Scenario, Step
from bpp.conformance.scenarios.trying import Change, in_order, tries
from bpp.sandbox import messages
from bpp.sandbox.exchange import Json
from bpp.sandbox.moments import wire_time
from bpp.sandbox.offers import stop, window

A_DAY = timedelta(days=1)
STEP = 0.5
"""Seconds between two looks whether a slot has become free."""


def looks(wish: str = "service") -> Ask:
    """Search once more and keep to what was chosen."""
    again = search(wish)
    return Ask(action="search", build=again.build, gateway=True)


def _init_from_nothing() -> Ask:
    """An init of what was found, without a select."""

    def build(play: Play) -> Json:
        order = select().build(play)["order"]
        order["fulfillments"][0]["id"] = "F1"
        for one in order["items"]:
            one["fulfillment_ids"] = ["F1"]
        return messages.init_message(order, play.stage.customer, play.stage.plan.place)

    return Ask(action="init", build=build)


def _no_fulfillments(_: Play, order: Json) -> None:
    order["fulfillments"] = []


def _altered_payment_id(_: Play, order: Json) -> None:
    """As a certified buyer app does: its hyphens are lost."""
    order["payments"][0]["id"] = str(order["payments"][0]["id"]).replace("-", "")


def _not_paid(_: Play, order: Json) -> None:
    order["payments"][0]["status"] = "NOT-PAID"
    order["payments"][0]["params"]["transaction_id"] = ""


def _paid_without_transaction(_: Play, order: Json) -> None:
    order["payments"][0]["status"] = "PAID"
    order["payments"][0]["params"].pop("transaction_id", None)


def _cheaper(_: Play, order: Json) -> None:
    """One rupee for everything, on both sides of the sum."""
    order["quote"]["price"]["value"] = "1.00"
    order["quote"]["breakup"] = order["quote"]["breakup"][:1]
    order["quote"]["breakup"][0]["price"]["value"] = "1.00"
    order["payments"][0]["params"]["amount"] = "1.00"


def _inverted_range(play: Play, order: Json) -> None:
    start, end = _held(play)
    _show(order, end, start)


def _past_range(play: Play, order: Json) -> None:
    start, _ = _held(play)
    begun = start - A_DAY * ((start - play.stage.buyer.clock()).days + 2)
    _show(order, begun, begun - A_DAY)


def _unchanged(_: Play, order: Json) -> None:
    """As it was agreed."""


def _junk_payment(_: Play, order: Json) -> None:
    order["payments"].append({"params": {"transaction_id": "T-0000"}, "status": "NOT-PAID"})


def _status(code: str) -> Change:
    return lambda _, order: order.update(status=code)


def _other_location(play: Play, order: Json) -> None:
    if len(provider(play).get("locations") or ()) > 1:
        raise Impossible("the provider has several locations")
    order["provider"]["locations"] = [{"id": play.stage.buyer.new_id()}]


def _bare_items(_: Play, order: Json) -> None:
    for one in order["items"]:
        one.pop("location_ids", None)
        one.pop("parent_item_id", None)


def _same_id(play: Play, order: Json) -> None:
    order["id"] = order_id(play.beside())


def _held(play: Play) -> tuple[datetime, datetime]:
    slot = window(play.got("on_init").order)
    if slot is None:
        raise Impossible("the on_init shows no slot")
    return slot


def _show(order: Json, start: datetime, end: datetime) -> None:
    stop(order, "end")["time"]["range"] = {"start": wire_time(start), "end": wire_time(end)}


def _another(probe: str, change: Change) -> tuple[Step, ...]:
    """A booking of its own whose confirm is altered."""
    return anew(), search(), select(), init(), tries(confirm(), probe, change)


def _refused(probe: str, change: Change) -> tuple[Step, ...]:
    """A confirm that must be refused, and a look whether it made an order."""

    def named(play: Play) -> str:
        return f"O-{probe}-{play.transaction_id}"

    def altered(play: Play, order: Json) -> None:
        change(play, order)
        order["id"] = named(play)

    look = Ask(action="status", build=lambda play: messages.status_message(named(play)))
    return tries(confirm(), probe, altered), tries(look, f"order_of_{probe}")


def _wait_for_the_quote() -> Do:
    """Wait until the quote of the on_init has lapsed. Raises ``Impossible`` where that takes too long."""

    async def wait(play: Play) -> None:
        lasts = parse_duration(play.got("on_init").order["quote"]["ttl"]).total_seconds()
        if lasts > play.stage.longest_wait:
            raise Impossible(f"the quote stands for {lasts:g} s, at most {play.stage.longest_wait:g} s are waited")
        await asyncio.sleep(lasts + STEP)

    return Do(name="wait until the quote lapses", does=wait, waits_for="the end of quote.ttl")


def _take_the_slot() -> Do:
    """The second buyer app books the slot that the first has selected, as soon as the seller app gives it away."""

    async def take(play: Play) -> None:
        rival, waited = play.beside(), 0.0
        await looks("scarce").take(rival)
        while True:
            await tries(select(within=PATIENCE), "select_of_another").take(rival)
            if "on_select" in rival.heard and not rival.heard["on_select"].error:
                break
            if waited >= play.stage.longest_wait:
                raise Impossible(
                    f"the slot is held longer than {play.stage.longest_wait:g} s, which are waited at most"
                )
            await asyncio.sleep(STEP)
            waited += STEP
        await init().take(rival)
        await confirm().take(rival)

    return Do(name="another takes the slot", does=take, waits_for="the other's on_confirm")


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="init_variants",
        title="An init without fulfillments, and one without a select",
        once=True,
        steps=(
            search(),
            select(),
            tries(init(), "no_fulfillments", _no_fulfillments),
            anew(),
            looks(),
            tries(_init_from_nothing(), "nothing_selected"),
        ),
    ),
    Scenario(
        name="confirm_variants",
        title="Confirms as real buyer apps spell them",
        once=True,
        steps=(
            *_another("payment_id_altered", _altered_payment_id),
            *_another("not_paid", _not_paid),
            *_another("inverted_range", _inverted_range),
            *_another("past_range", _past_range),
            *_another("junk_payment", _junk_payment),
            *_another("bare_items", _bare_items),
            *_another("other_location", _other_location),
            *_another("status_title_case", _status("Accepted")),
            *_another("status_upper_case", _status("ACCEPTED")),
        ),
    ),
    Scenario(
        name="confirm_refusals",
        title="Confirms of what was not agreed",
        once=True,
        steps=(
            search(),
            select(),
            init(),
            *_refused("paid_without_transaction", _paid_without_transaction),
            *_refused("cheaper", _cheaper),
        ),
    ),
    Scenario(
        name="quote_expired",
        title="A confirm after the quote has lapsed",
        once=True,
        steps=(search(), select(), init(), _wait_for_the_quote(), *_refused("after_quote", _unchanged)),
    ),
    Scenario(
        name="slot_lost",
        title="An init for a slot that another has booked meanwhile",
        steps=(search("scarce"), select(), _take_the_slot(), tries(init(within=PATIENCE), "slot_lost")),
    ),
    Scenario(
        name="last_unit",
        title="Two customers want the last free visit at one time",
        steps=(
            search("scarce"),
            Beside(name="the other looks, too", steps=(looks("scarce"),)),
            Together(step=tries(select(within=PATIENCE), "select_of_last"), after="on_search"),
            Together(step=tries(init(within=PATIENCE), "init_of_last"), after="on_select"),
            Together(step=tries(confirm(within=PATIENCE), "confirm_of_last"), after="on_init"),
            anew(),
            tries(looks("scarce"), "after_last"),
        ),
    ),
    Scenario(
        name="same_order_id",
        title="Two buyer apps number their orders alike",
        once=True,
        steps=(
            search(),
            select(),
            init(),
            confirm(),
            Beside(
                name="the other's order has the same id",
                steps=(search(), select(), init(), confirm(twist=in_order(_same_id))),
            ),
            Beside(name="the other cancels", steps=(cancel(),)),
            status(),
        ),
    ),
)
