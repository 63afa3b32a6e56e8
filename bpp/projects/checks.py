"""What a requirement and a bid must be, and who may bid. Pure; each fault names its field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import urlsplit

from bpp.projects.model import Bid, Requirement, Unacceptable
from bpp.projects.money import WHOLE, milestones_of
from catalog.availability import KOLKATA
from catalog.model import Provider
from catalog.money import ZERO
from catalog.places import districts
from catalog.services import SERVICES
from catalog.snapshot import Catalog, offered, on_sale, service_id_of


def check_requirement(wanted: Requirement, now: datetime) -> None:
    """Raise Unacceptable for a requirement that cannot be published."""
    for wrong, expected, path in _faults(wanted, now):
        if wrong:
            raise Unacceptable(f"{expected} is expected", path)
    for index, link in enumerate(wanted.attachments):
        address = urlsplit(link)
        if address.scheme not in {"http", "https"} or not address.netloc:
            raise Unacceptable("a link, http or https, is expected", f"attachments[{index}]")


def _faults(wanted: Requirement, now: datetime) -> Iterator[tuple[bool, str, str]]:
    """What may be wrong with a requirement: whether it is, what is expected instead, and the field."""
    consumer = wanted.consumer
    nameless = consumer.kind != "citizen" and not consumer.organization
    yield nameless, f"the name of the {consumer.kind}", "consumer.organization"
    yield wanted.service_id not in SERVICES, "the id of a service of Sewamitra, such as SM-PNT,", "service_id"
    yield wanted.district not in districts(), "the LGD code of a district of Uttar Pradesh", "district"
    yield wanted.budget <= ZERO, "more than nothing", "budget"
    yield wanted.start < day(now), "a day from today on", "start"
    yield wanted.finish_by < wanted.start, "a day not before the start", "finish_by"
    yield wanted.bids_until <= now, "a moment to come", "bids_until"
    yield wanted.decide_by < wanted.bids_until, "a moment not before bids_until", "decide_by"


def check_bid(bid: Bid, wanted: Requirement) -> None:
    """Raise Unacceptable for a bid that could not be agreed on: milestones in order, due in time, 100 % in all."""
    if bid.charge <= ZERO:
        raise Unacceptable("more than nothing is expected", "charge")
    if bid.finish_by < wanted.start:
        raise Unacceptable("a day not before the start is expected", "finish_by")
    before = wanted.start
    for index, one in enumerate(bid.milestones):
        if not before <= one.due <= bid.finish_by:
            text = f"a day from {before} to {bid.finish_by} is expected"
            raise Unacceptable(text, f"milestones[{index}].due")
        if one.share <= 0:
            raise Unacceptable("more than nothing is expected", f"milestones[{index}].share")
        before = one.due
    if sum(one.share for one in bid.milestones) != WHOLE:
        raise Unacceptable("shares that come to 100 are expected", "milestones")
    milestones_of(bid)


def may_bid(provider: Provider, wanted: Requirement, catalog: Catalog, today: date) -> bool:
    """Whether a provider is asked: on sale, in the district, and there with the service (rules R2 and R4)."""
    if not on_sale(provider, today) or wanted.district not in provider.districts:
        return False
    chosen = provider.services.get(wanted.district)
    if chosen is not None and wanted.service_id not in chosen:
        return False
    return any(
        offered(one, today)
        and service_id_of(one) == wanted.service_id
        and (not one.districts or wanted.district in one.districts)
        for one in catalog.offerings_of.get(provider.id, ())
    )


def asked(wanted: Requirement, catalog: Catalog, today: date) -> Iterator[Provider]:
    """The providers that a requirement is published to, by id."""
    return (one for _, one in sorted(catalog.providers.items()) if may_bid(one, wanted, catalog, today))


def day(moment: datetime) -> date:
    """The day of a moment in Uttar Pradesh."""
    return moment.astimezone(KOLKATA).date()
