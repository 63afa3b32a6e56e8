"""What our own strict rules for on_search would refuse of a catalog, found before a buyer searches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from beckn_schemas.callbacks import Violation
from bpp.actions.contract import Reply
from bpp.actions.on_search import catalog
from bpp.actions.outgoing import Addressee, Dispatch, InvalidCallback, callback_for
from bpp.core.find import Bookable, Found
from bpp.core.world import Identity
from bpp.domains.dialect import CANONICAL
from bpp.domains.profile import PROFILES
from bpp.orders.assignment import local_day
from catalog.lint import Finding
from catalog.load import CatalogData
from catalog.model import Provider
from catalog.snapshot import by_provider, offered, on_sale

Json = dict[str, Any]
_ITEM = re.compile(r"\.items\[(?P<index>\d+)\]")
_HOUR = timedelta(hours=1)


def broken_on_the_wire(data: CatalogData, identity: Identity, now: datetime) -> Iterator[Finding]:
    """Each rule that an on_search with all that a provider has on sale would break, as if a slot were free for it."""
    today = local_day(now)
    start = now.replace(minute=0, second=0, microsecond=0) + _HOUR
    offerings = by_provider(data.offerings)
    for provider in data.providers:
        own = [one for one in offerings.get(provider.id, ()) if offered(one, today)]
        for domain in PROFILES if on_sale(provider, today) else ():
            items = tuple(
                Bookable(offering=one, price=one.price, starts=(start,))
                for one in own
                if one.on_network and one.domain == domain
            )
            if items:
                yield from _broken(Found(provider=provider, km=0, items=items), domain, identity, now)


def wire_faults(message: Json, domain: str, identity: Identity, now: datetime) -> Sequence[Violation]:
    """What an on_search that is sent now with this message would break of our own rules."""
    to = Addressee(peer="lint", uri="https://lint", transaction_id="lint", domain=domain, location={})
    dispatch = Dispatch(kind="pre_order", now=now, grace=timedelta(), window=timedelta())
    try:
        callback_for(Reply(message=message), to, "on_search", "lint", identity, dispatch)
    except InvalidCallback as problem:
        return problem.violations
    return ()


def _broken(found: Found, domain: str, identity: Identity, now: datetime) -> Iterator[Finding]:
    message = catalog((found,), domain, identity, CANONICAL)
    items = message["catalog"]["providers"][0]["items"]
    for one in wire_faults(message, domain, identity, now):
        at = _ITEM.search(one.path)
        item_id = items[int(at["index"])]["id"] if at else ""
        yield _finding(found.provider, item_id, f"{one.rule} at {one.path}: expected {one.expected}")


def _finding(provider: Provider, item_id: str, text: str) -> Finding:
    return Finding(provider.id, item_id, "refused", "wire_rule", text)
