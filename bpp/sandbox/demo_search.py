"""The searches of the demonstration, and the rating that shows in the second one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bpp.sandbox import journey
from bpp.sandbox.demo_stage import BUYER_APP, GATEWAY_APP, SELLER_APP, Stage
from bpp.sandbox.exchange import Callback
from bpp.sandbox.moments import in_words
from bpp.sandbox.narrate import Check, lines, pick
from bpp.sandbox.offers import Offer, read_offers
from bpp.sandbox.places import GOMTI_NAGAR

WORDS = "nal theek"
SHOWN_OFFERS = 3
RATING = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the customer settled on, and the catalog it stands in."""

    found: Callback
    offer: Offer


async def look_around(stage: Stage) -> Choice:
    """Search through the gateway."""
    stage.narrator.chapter("The customer looks for a plumber")
    stage.narrator.tell(
        f"A tap drips in {GOMTI_NAGAR.name}, pincode {GOMTI_NAGAR.area_code}. The customer types '{WORDS}' (Hindi for "
        "'tap repair'). The buyer app knows no seller yet, so it asks the gateway, which passes the unchanged bytes on "
        "to every seller app registered for home services, with its own signature beside the buyer's."
    )
    search = await _search(stage)
    request, found = search.answer.request, search.callback
    stage.narrator.message(
        BUYER_APP,
        "search",
        GATEWAY_APP,
        lines(
            request.document,
            "context.domain",
            "context.location.city.code",
            "context.bap_id",
            "context.transaction_id",
            "message.intent.item.descriptor.name",
            "message.intent.fulfillment.stops[0].location.area_code",
            "message.intent.fulfillment.stops[0].location.gps",
        ),
    )
    passed = await stage.gateway.next_passed_on(request.transaction_id, timeout=stage.patience)
    stage.narrator.message(
        GATEWAY_APP,
        "search",
        SELLER_APP,
        [("Authorization", "the buyer app's, as it was"), ("X-Gateway-Authorization", "the gateway's own")],
    )
    stage.check("the gateway passed on the very bytes it got", passed.body == request.body)
    offers = read_offers(found.message)
    stage.narrator.tell("The seller app answers the buyer app directly, with a catalog: who, what, how much, and when.")
    stage.narrator.message(
        SELLER_APP,
        "on_search",
        BUYER_APP,
        [
            ("context.bpp_id", pick(found.document, "context.bpp_id")),
            *((f"offer {number}", _shown(one)) for number, one in enumerate(offers[:SHOWN_OFFERS], 1)),
            ("free times of offer 1", ", ".join(in_words(start) for start in offers[0].starts[:3]) if offers else ""),
        ],
    )
    stage.check_exchange(
        search,
        Check(text="something is offered", held=bool(offers)),
        Check(text="every offer has a price and free times", held=all(one.price > 0 and one.starts for one in offers)),
    )
    return Choice(found=found, offer=next(one for one in offers if one.starts))


async def after_sale(stage: Stage, confirmed: Callback) -> None:
    """Rate the provider."""
    stage.narrator.chapter("The customer rates")
    stage.narrator.tell("Only a completed order can be rated, from 1 to 5. The rating counts in the next catalog.")
    rating = await journey.rate(stage.buyer, confirmed, RATING)
    request = rating.answer.request
    stage.narrator.message(
        BUYER_APP,
        "rating",
        SELLER_APP,
        lines(
            request.document,
            "message.ratings[0].rating_category",
            "message.ratings[0].id",
            "message.ratings[0].value",
        ),
    )
    stage.narrator.message(SELLER_APP, "on_rating", BUYER_APP)
    stage.check_exchange(rating)


async def find_again(stage: Stage, choice: Choice) -> None:
    """Search once more: the catalog shows the rating."""
    stage.narrator.chapter("The next customer looks for a plumber")
    search = await _search(stage)
    again = read_offers(search.callback.message)
    known = [one for one in again if one.provider_id == choice.offer.provider_id]
    stage.narrator.message(BUYER_APP, "search", GATEWAY_APP)
    stage.narrator.message(
        SELLER_APP,
        "on_search",
        BUYER_APP,
        [
            ("provider", choice.offer.provider_name),
            ("rating before", choice.offer.rating or "none"),
            ("rating now", known[0].rating if known else "none"),
        ],
    )
    shown = known[0].rating if known else ""
    stage.check_exchange(
        search,
        Check(text="the catalog shows the rating", held=_rose(choice.offer.rating, shown), detail=shown or "none"),
    )


async def _search(stage: Stage) -> journey.Exchange:
    return await journey.search(
        stage.buyer, words=WORDS, place=GOMTI_NAGAR, to=stage.gateway.url, patience=stage.patience
    )


def _shown(offer: Offer) -> str:
    rating = f", rated {offer.rating}" if offer.rating else ""
    return f"{offer.item_name} by {offer.provider_name}{rating}: ₹{offer.price:.2f}"


def _rose(before: str, now: str) -> bool:
    """Whether a best rating shows: it appeared, or is at least as high as it was."""
    return bool(now) and (not before or Decimal(now) >= Decimal(before))
