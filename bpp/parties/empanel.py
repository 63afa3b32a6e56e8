"""From an application to a provider with an agreement, and from one agreement to the next. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from bpp.parties.model import Agreement, Application
from bpp.parties.states import NotPossible
from catalog.codes import wildcard_of
from catalog.model import Area, CancellationTerm, Hours, Location, Provider, RescheduleTerm, Terms
from catalog.money import ZERO
from catalog.places import district_of, std_codes
from catalog.services import SERVICES

PLACE = "L1"
FIRST_HOURS = Hours(days=(1, 2, 3, 4, 5, 6), opens=time(9), closes=time(18))
FIRST_TERMS = Terms(
    cancellation=tuple(
        CancellationTerm(state=state, cancel_by=lead, fee=ZERO)
        for state, lead in (("Pending", "PT4H"), ("In-Transit", "PT1H"), ("At-Location", "PT0S"))
    ),
    reschedule=(RescheduleTerm(state="Pending", eligible=True, fee=ZERO, within="PT4H"),),
)
"""Hours and terms until the provider sets its own: nothing is charged that nobody has agreed on."""


def provider_of(application: Application, provider_id: str, agreement: Agreement) -> Provider:
    """The provider that an approval makes: its districts and in each the services applied for (rule R4), no offerings.

    It serves all of each district. Raises NotPossible where its place is not in the state.
    """
    district = district_of(application.area_code, application.gps)
    if district is None:
        raise NotPossible("the applicant's place is not in Uttar Pradesh", path="area_code")
    return Provider(
        id=provider_id,
        kind=application.kind,
        name=application.name,
        name_hi=application.name_hi,
        code=provider_id,
        short_desc=application.short_desc,
        long_desc=application.short_desc,
        image="",
        phone=application.phone,
        email=application.email,
        gstin=application.gstin,
        agreement_from=agreement.first,
        agreement_until=agreement.last,
        districts=application.districts,
        locations=(
            Location(
                id=PLACE,
                gps=application.gps,
                address=application.address,
                city=application.city,
                std=std_codes(district).all[0],
                area_code=application.area_code,
                district=district,
            ),
        ),
        areas=tuple(
            Area(location_id=PLACE, category=wildcard_of(domain), kind="12", val="IN-UP")
            for domain in sorted({sub.domain for one in application.services for sub in SERVICES[one].sub_services})
        ),
        hours=FIRST_HOURS,
        terms=FIRST_TERMS,
        services=dict.fromkeys(application.districts, application.services),
        has_pan=application.has_pan,
    )


def check_dates(agreement: Agreement) -> Agreement:
    """An agreement that does not end before it begins; raises NotPossible."""
    if agreement.last < agreement.first:
        raise NotPossible("the agreement ends before it begins", path="until")
    return agreement


def renewed(provider: Provider, agreement: Agreement, today: date) -> Provider:
    """The provider under a further agreement.

    Raises NotPossible for one that does not last longer than the one before, or that would leave days without an
    agreement while the one before is still in force or to come: the provider would leave the catalogue unawares.
    """
    check_dates(agreement)
    before = provider.agreement_until
    if agreement.last <= before:
        raise NotPossible(f"the agreement in force lasts until {before} already", path="until")
    gap = agreement.first > before + timedelta(days=1)
    if gap and before >= today:
        raise NotPossible(f"it would leave days without an agreement after {before}", path="from")
    first = agreement.first if gap else min(provider.agreement_from, agreement.first)
    return replace(provider, agreement_from=first, agreement_until=agreement.last)
