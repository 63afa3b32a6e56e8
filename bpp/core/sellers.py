"""Which provider takes orders, and why another does not."""

from __future__ import annotations

from datetime import date

from bpp.errors import ProviderInactive, ProviderNotFound, ProviderUnavailable
from catalog.model import Provider
from catalog.snapshot import on_sale

PATH = "message.order.provider.id"


def taking_orders(provider: Provider | None, provider_id: str, today: date) -> Provider:
    """The provider of that id, if it takes orders today (rule R2).

    Raises ProviderNotFound where there is none, ProviderUnavailable for a suspended one and ProviderInactive for one
    without an agreement in force: the network has a code for each, and a buyer may come back to the last two.
    """
    if provider is None:
        raise ProviderNotFound(f"there is no provider {provider_id!r}", path=PATH)
    if provider.status == "suspended":
        raise ProviderUnavailable(f"provider {provider_id!r} takes no orders at present", path=PATH)
    if not on_sale(provider, today):
        raise ProviderInactive(f"provider {provider_id!r} has no agreement in force", path=PATH)
    return provider
