"""Whether a provider, or an offering of it, is sold at all: on a day, in a district. Source: rules R2 and R4."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from catalog.model import Offering, Provider, SubService
from catalog.services import SUB_SERVICES


def serviceable(provider: Provider) -> Collection[str]:
    """The districts (LGD codes) in which a provider may be offered at all: those it has chosen (rule R4)."""
    return provider.districts


def on_sale(provider: Provider, today: date) -> bool:
    """Rule R2: active, and its agreement in force."""
    return provider.status == "active" and provider.agreement_from <= today <= provider.agreement_until


def offered(offering: Offering, today: date) -> bool:
    """Active and within its validity."""
    return offering.active and offering.valid_from <= today <= offering.valid_until


def offered_in(provider: Provider, offering: Offering, district: str) -> bool:
    """Whether an offering is sold in a district: chosen by the provider, for the service and for the offering (R4)."""
    if district not in serviceable(provider) or (offering.districts and district not in offering.districts):
        return False
    chosen = provider.services.get(district)
    return chosen is None or service_id_of(offering) in chosen


def service_id_of(offering: Offering) -> str:
    """The trade (``SM-PLB``) a worker must be certified in to do this."""
    return sub_service(offering.sub_service_id).service_id


def sub_service(sub_service_id: str) -> SubService:
    """The sub-service of an id; raises KeyError for one that the taxonomy does not have."""
    return SUB_SERVICES[sub_service_id]
