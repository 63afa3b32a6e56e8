"""The ordinary steps of a booking, which most scenarios are made of."""

from __future__ import annotations

from typing import Any

import aiohttp

from bpp.conformance.plan import Wanted, Wishes
from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Act, Ask, Do, Step
from bpp.sandbox import messages, offers
from bpp.sandbox.exchange import Callback, Json
from bpp.sandbox.offers import Offer, read_offers

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
        if play.start is None:
            raise Impossible("no time is free")
        return messages.select_message(play.wanted, play.start, play.stage.plan.place, choices=play.choices)

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


def order_id(play: Play) -> str:
    """The number of the confirmed order."""
    return str(play.got("on_confirm").order["id"])


def start(**more: Any) -> Act:
    """The worker enters the one-time password that the buyer app shows."""
    return Act(event="start", details=lambda play: {"otp": offers.otp(play.last.order)}, **more)


def fetch_invoice() -> Do:
    """Open the invoice that the last on_status names."""

    async def fetch(play: Play) -> None:
        documents = play.last.order.get("documents") or [{}]
        url = str(documents[0].get("url", ""))
        if not url.startswith(("http://", "https://")):
            return
        try:
            async with aiohttp.ClientSession(timeout=FETCH) as session, session.get(url) as answer:
                await answer.read()
                play.note("fetched", {"url": url, "status": answer.status})
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            play.note("fetched", {"url": url, "status": type(problem).__name__})

    return Do(name="open the invoice", does=fetch, waits_for="HTTP 200")


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
