"""The ordinary steps of a booking, which most scenarios are made of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp

from beckn_schemas.base import parse_timestamp
from bpp.conformance.plan import Wanted, Wishes
from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Act, Ask, Do, Step
from bpp.conformance.scenarios.trying import until
from bpp.sandbox import messages
from bpp.sandbox.exchange import Callback, Json, part
from bpp.sandbox.offers import Offer, read_offers
from bpp.sandbox.posting import MAX_ANSWER, first_bytes

FETCH = aiohttp.ClientTimeout(total=10)


def search(wish: str = "service", **more: Any) -> Ask:
    """Look for what the plan wants under this name, and choose the first offer that fits it."""

    def build(play: Play) -> Json:
        return search_for(play, wish)

    def choose(play: Play, found: Callback) -> None:
        wanted = _wanted(play.wishes, wish)
        play.offers = read_offers(found.message)
        play.offer = _fitting(play.offers, wanted, wish)
        play.choices = wanted.choices
        play.start = play.offer.starts[min(1, len(play.offer.starts) - 1)]  # the very first may begin while we speak

    return Ask(action="search", build=build, after=choose, gateway=True, **more)


def search_for(play: Play, wish: str = "service") -> Json:
    """The message of a search for what the plan wants under this name."""
    wanted = _wanted(play.wishes, wish)
    return messages.search_message(words=wanted.words, category=wanted.category, place=play.stage.plan.place)


def select(**more: Any) -> Ask:
    """Choose the wanted offer at the chosen time."""

    def build(play: Play) -> Json:
        return messages.select_message(play.wanted, play.begins, play.stage.plan.place, choices=play.choices)

    return Ask(action="select", build=build, **more)


def init(**more: Any) -> Ask:
    """Say who pays, for the order of the last on_select."""
    return Ask(action="init", build=init_order, **more)


def init_order(play: Play) -> Json:
    """The message of an init that follows the last on_select."""
    return messages.init_message(play.got("on_select").order, play.stage.customer, play.stage.plan.place)


def confirm(**more: Any) -> Ask:
    """Make the order of the last on_init firm."""
    return Ask(action="confirm", build=confirm_order, **more)


def confirm_order(play: Play) -> Json:
    """The message of a confirm that follows the last on_init, under an order number of its own."""
    buyer = play.stage.buyer
    return messages.confirm_message(
        play.got("on_init").order,
        order_id=f"O-{buyer.new_id()}",
        now=buyer.clock(),
        payment_id=f"UPI-{buyer.new_id()}",
    )


def status(**more: Any) -> Ask:
    """Ask how the order stands."""
    return Ask(action="status", build=lambda play: messages.status_message(order_id(play)), **more)


def cancel(reason: str = "002", **more: Any) -> Ask:
    """The buyer gives the order up."""
    return Ask(action="cancel", build=lambda play: cancel_order(play, reason), **more)


def cancel_order(play: Play, reason: str = "002") -> Json:
    """The message of a cancel of the confirmed order; without a key for an empty reason."""
    message = messages.cancel_message(order_id(play), reason)
    return message if reason else {"order_id": message["order_id"]}


def order_id(play: Play) -> str:
    """The number of the confirmed order."""
    return str(play.got("on_confirm").order["id"])


def start(**more: Any) -> Act:
    """The worker enters the one-time password that the buyer app shows."""
    return Act(event="start", details=lambda play: {"otp": token(play.last.order)}, **more)


def enter_wrong_code() -> Act:
    """The worker enters another one-time password than the buyer app shows: it is not taken, and another is told."""

    def details(play: Play) -> dict[str, str]:
        shown = token(play.last.order)
        return {"otp": shown[:-1] + ("0" if shown.endswith("1") else "1")}

    return Act(event="start", name="wrong code", details=details, refused=True)


def let_code_lapse() -> Do:
    """Wait until the one-time password of the arrival has run out; Impossible where a run may not wait so long."""

    async def wait(play: Play) -> None:
        (shown, *_) = _authorizations(play.last.order)
        until = parse_timestamp(shown["valid_to"])
        seconds = (until - play.stage.buyer.clock()).total_seconds()
        if seconds > play.stage.longest_wait:
            raise Impossible(f"the one-time password runs out in {seconds:.0f} s, and no run waits so long")
        await asyncio.sleep(max(0.0, seconds))

    return Do(name="let the code lapse", does=wait, waits_for="the end of its validity")


def enter_lapsed_code() -> Act:
    """The worker enters the one-time password of the arrival, which has run out: it is not taken."""
    return Act(
        event="start", name="lapsed code", details=lambda play: {"otp": token(play.got("arrive").order)}, refused=True
    )


def hear_the_refusal() -> Do:
    """Wait for the error of the code that was entered: the one after it may have been told by itself before."""

    async def wait(play: Play) -> None:
        def came() -> bool:
            mine = (one for one in play.stage.buyer.callbacks if one.transaction_id == play.transaction_id)
            return any(one.error_code for one in mine if one.action == "on_status")

        await until(play, came, play.stage.quiet)

    return Do(name="hear the refusal", does=wait, waits_for="on_status with an error")


def token(order: Json) -> str:
    """The one-time password that an order shows, of whichever visit; empty where there is none."""
    return next((str(one.get("token", "")) for one in _authorizations(order)), "")


def _authorizations(order: Json) -> Iterator[Json]:
    for visit in order.get("fulfillments", ()):
        yield from (one for stop in visit.get("stops", ()) if (one := part(stop, "authorization")))


def fetch_invoice() -> Do:
    """Open the invoice that the last on_status names."""

    async def fetch(play: Play) -> None:
        documents = play.last.order.get("documents") or [{}]
        url = str(documents[0].get("url", ""))
        if not url.startswith(("http://", "https://")):
            return
        try:
            async with aiohttp.ClientSession(timeout=FETCH) as session, session.get(url) as answer:
                await first_bytes(answer.content, MAX_ANSWER)
                play.note("fetched", {"url": url, "status": answer.status})
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            play.note("fetched", {"url": url, "status": type(problem).__name__})

    return Do(name="open the invoice", does=fetch, waits_for="HTTP 200")


def anew() -> Do:
    """Begin another transaction."""
    return Do(name="begin another transaction", does=Play.anew)


def booked(wish: str = "service") -> tuple[Step, ...]:
    """From search to on_confirm."""
    return search(wish), select(), init(), confirm()


def carried_out() -> tuple[Step, ...]:
    """From the departure of the worker to the invoice."""
    return Act(event="depart"), Act(event="arrive"), start(), Act(event="complete"), fetch_invoice()


def _wanted(wishes: Wishes, wish: str) -> Wanted:
    wanted: Wanted | None = getattr(wishes, wish)
    if wanted is None:
        raise Impossible(f"the plan names no service of the kind {wish} in this domain")
    return wanted


def _fitting(found: tuple[Offer, ...], wanted: Wanted, wish: str) -> Offer:
    for one in found:
        if (
            one.starts
            and wanted.provider in ("", one.provider_id)
            and wanted.item in ("", one.item_id)
            and (wish != "customised" or one.choices)
        ):
            return one
    raise Impossible(f"among {len(found)} offers none fits the plan's {wish}: {wanted}")
