"""What the services and the provider of an order are called in Hindi.

An order keeps the names that the network was told, which are English. The catalog has both; it is asked when the order
is read out, and counts as far as it still has the English name that the order keeps: whatever was renamed meanwhile is
said as it was booked.
"""

from __future__ import annotations

from bpp.orders.model import Draft, Order
from bpp.orders.words import Hindi
from catalog.snapshot import Catalog


def hindi_names(one: Draft | Order, catalog: Catalog) -> Hindi:
    """The Hindi names that are known, by the English ones."""
    known = [catalog.providers.get(one.seller.provider_id), *(catalog.item(item.item_id) for item in one.items)]
    return {each.name: each.name_hi for each in known if each is not None and each.name_hi}
