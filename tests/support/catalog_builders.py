"""Small values of the catalog: each with what a test names and sound values for the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from catalog.customization import Customization, Offer
from catalog.model import (
    Area,
    CancellationTerm,
    Gps,
    Hours,
    Location,
    Offering,
    Provider,
    RescheduleTerm,
    Terms,
    Worker,
)
from catalog.money import Money

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
LUCKNOW = Gps(26.8467, 80.9462)
LUCKNOW_DISTRICT, BARABANKI_DISTRICT = "162", "129"  # LGD codes
OFFICE_HOURS = Hours(days=EVERY_DAY, opens=time(9), closes=time(18))

TERMS = Terms(
    cancellation=(
        CancellationTerm(state="Pending", cancel_by="PT4H", fee=Money(0)),
        CancellationTerm(state="In-Transit", cancel_by="PT1H", fee=Money(5000)),
        CancellationTerm(state="At-Location", cancel_by="PT0S", percentage=Decimal(20)),
    ),
    reschedule=(RescheduleTerm(state="Pending", eligible=True, fee=Money(0), within="PT4H"),),
)


def an_offering(**changes: Any) -> Offering:
    """A tap repaired for 199.00."""
    offering = Offering(
        id="TAP",
        provider_id="P1",
        sub_service_id="SM-PLB-TAP",
        domain="ONDC:SRV11",
        category="SRV11-1047",
        name="Tap repair",
        name_hi="नल की मरम्मत",
        short_desc="Leaking tap put right",
        long_desc="Leaking tap put right.",
        image="https://static.example.in/tap.png",
        price=Money(19900),
        valid_from=date(2025, 4, 1),
        valid_until=date(2031, 3, 31),
    )
    return replace(offering, **changes)


def a_customization(key: str, *category_ids: str, **changes: Any) -> Customization:
    """A choice for 49.00 that takes no time, once at most."""
    customization = Customization(
        id=key, category_ids=category_ids, name=key, name_hi=key, short_desc=key, price=Money(4900)
    )
    return replace(customization, **changes)


def an_offer(**changes: Any) -> Offer:
    """15 per cent off whatever is ordered, for who asks for it."""
    offer = Offer(
        id="OFFER",
        kind="Disc_Pct",
        name="15% off",
        name_hi="15% छूट",
        short_desc="15% off",
        long_desc="15% off everything.",
        percentage=Decimal(15),
        valid_from=date(2025, 4, 1),
        valid_until=date(2031, 3, 31),
    )
    return replace(offer, **changes)


def a_provider(**changes: Any) -> Provider:
    """A firm in Lucknow that serves 25 km around."""
    place = Location(
        id="L1",
        gps=LUCKNOW,
        address="Demo House 1",
        city="Lucknow",
        std="0522",
        area_code="226001",
        district=LUCKNOW_DISTRICT,
    )
    provider = Provider(
        id="P1",
        kind="firm",
        name="Demo Services",
        name_hi="डेमो सर्विसेज",
        code="DEMO",
        short_desc="Repairs",
        long_desc="Repairs at home.",
        image="https://static.example.in/demo.png",
        phone="9000000001",
        email="demo@example.in",
        agreement_from=date(2025, 4, 1),
        agreement_until=date(2031, 3, 31),
        districts=(LUCKNOW_DISTRICT,),
        locations=(place,),
        areas=(Area(location_id="L1", category="SRV11-*", kind="10", val="25"),),
        hours=OFFICE_HOURS,
        terms=TERMS,
    )
    return replace(provider, **changes)


def a_worker(**changes: Any) -> Worker:
    """A plumber, verified and certified until 2031."""
    worker = Worker(
        id="W1",
        provider_id="P1",
        name="Asha Demo",
        phone="9000000101",
        gps=LUCKNOW,
        districts=(LUCKNOW_DISTRICT,),
        skills={"SM-PLB": date(2031, 3, 31)},
        verified_until=date(2031, 3, 31),
        hours=OFFICE_HOURS,
    )
    return replace(worker, **changes)
