"""What a caller of the core asks for: a selection, and the details that complete it. Values; no decisions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from bpp.core.world import SESSION_MARK
from bpp.errors import OrderInvalid
from bpp.orders.assignment import AskedGender
from bpp.orders.model import Channel, Draft, FinderFee, Json, LineItem, Peer, Seller
from catalog.model import PaymentType
from catalog.quote import Quote
from catalog.search import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One wanted item: its id and count, and what came of it, to be echoed.

    With a customisation a buyer app may name the base item and the categories that it was chosen for.
    """

    item_id: str
    count: int
    wire: Json
    parent_item_id: str = ""
    category_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is selected: items of one provider for a place and a slot. ``payment_type`` may be left open.

    ``offers`` are those that the buyer wants applied. ``gender`` is that of the worker whom the customer asks for, any
    where empty; ``gender_required`` false: others may come where none of that gender can. ``session`` is who asks in a
    channel of ours; ``replaces`` the reference of an earlier selection there whose slot this one takes the place of.
    """

    channel: Channel
    peer: Peer | None
    provider_id: str
    location_ids: tuple[str, ...]
    lines: tuple[Line, ...]
    place: Place
    start: datetime
    end: datetime | None
    payment_type: PaymentType | None
    customer: Json
    tags: tuple[Json, ...]
    finder_fee: FinderFee
    offers: tuple[str, ...] = ()
    gender: AskedGender = ""
    gender_required: bool = True
    session: str = ""
    replaces: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What an init adds: who pays, where exactly, and how. An empty ``customer`` keeps what the selection said.

    ``we_collect``: the buyer app leaves what is paid in advance to us.
    ``offers`` repeats offers that the quote has applied, or is empty.
    """

    lines: tuple[Line, ...]
    provider_id: str
    billing: Json
    customer: Json
    place: Place
    payment_type: PaymentType | None
    we_collect: bool = False
    offers: tuple[str, ...] = ()


def holder_of(one: Selection | Draft) -> str:
    """Whose hold on a slot it is: the buyer app's, or that of one session of one of our channels."""
    return one.peer.bap_id if one.peer is not None else session_holder(one.channel, one.session)


def session_holder(channel: Channel, session: str) -> str:
    """The same for a session of one of our channels."""
    return f"{channel}{SESSION_MARK}{session}"


def check_same_items(items: tuple[LineItem, ...], seller: Seller, provider_id: str, lines: tuple[Line, ...]) -> None:
    """Raise OrderInvalid unless a message names the provider and the items, with their counts, of the draft."""
    if provider_id != seller.provider_id:
        raise OrderInvalid(f"the provider selected was {seller.provider_id}", path="message.order.provider.id")
    chosen, named = Counter[str](), Counter[str]()
    for item in items:  # one item may stand in several lines
        chosen[item.item_id] += item.count
    for line in lines:
        named[line.item_id] += line.count
    if named != chosen:
        expected = ", ".join(f"{item} x {count}" for item, count in sorted(chosen.items()))
        raise OrderInvalid(f"the items selected were {expected}", path="message.order.items")


def check_same_offers(quote: Quote, offers: tuple[str, ...]) -> None:
    """Raise OrderInvalid where a message names an offer that the quote has not applied (ADR 0016)."""
    for index, offer_id in enumerate(offers):
        if offer_id not in quote.offer_ids:
            applied = ", ".join(quote.offer_ids) or "none"
            text = f"the offers in the quote are {applied}; others are named in a select"
            raise OrderInvalid(text, path=f"message.order.offers[{index}].id")
