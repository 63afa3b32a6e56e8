"""Project work: a requirement, a bid and a project, each with what a test names and sound values for the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bpp.orders.rates import OrderRates, Rate
from bpp.projects.model import Bid, Consumer, Contractor, Planned, Project, Requirement
from bpp.projects.moves import Act, move
from bpp.projects.states import Event, Side
from catalog.money import Money
from tests.support.catalog_builders import LUCKNOW_DISTRICT
from tests.support.clock import MONDAY_MORNING

BIDS_UNTIL = MONDAY_MORNING + timedelta(days=7)
CONTRACTOR = Contractor(
    provider_id="P1", name="Demo Services", name_hi="डेमो सर्विसेज", phone="9000000001", email="demo@example.in", gstin=""
)

RATES = OrderRates(
    day=date(2026, 11, 23),
    commission=Rate(value=Decimal(10)),
    tcs=Rate(value=Decimal("0.5"), scope="released"),
    tds=Rate(value=Decimal("0.1"), scope="released"),
    gst_on_commission=Decimal(18),
    gst_9_5=Decimal(5),
)
"""Those of the worked split A: ten per cent, and tax at source on what the Samiti releases."""


def a_consumer(**changes: Any) -> Consumer:
    """A citizen."""
    return replace(Consumer(kind="citizen", name="Meera Demo", phone="9876543210"), **changes)


def a_department(**changes: Any) -> Consumer:
    """A department that is nobody's."""
    return a_consumer(kind="department", organization="Demo Department", gstin="09AAAAA0009A1Z5", **changes)


def a_requirement(**changes: Any) -> Requirement:
    """A house to be wired anew in December, bids for a week."""
    wanted = Requirement(
        consumer=a_consumer(),
        title="Wiring of a house",
        details="Two floors, twelve rooms.",
        service_id="SM-ELC",
        district=LUCKNOW_DISTRICT,
        place="Demo House 7, Gomti Nagar",
        budget=Money.parse("150000.00"),
        start=date(2026, 12, 7),
        finish_by=date(2026, 12, 31),
        bids_until=BIDS_UNTIL,
        decide_by=BIDS_UNTIL + timedelta(days=15),
        attachments=("https://example.in/plan.pdf",),
    )
    return replace(wanted, **changes)


def a_bid(**changes: Any) -> Bid:
    """P1's: 118,000.00 with 18 % tax, in three milestones."""
    bid = Bid(
        id="B1",
        provider_id="P1",
        provider_name="Demo Services",
        base=Money.parse("100000.00"),
        tax=Money.parse("18000.00"),
        tax_rate=Decimal(18),
        finish_by=date(2026, 12, 24),
        details="With copper wire, two workers.",
        milestones=(
            Planned(title="Pipes", due=date(2026, 12, 10), share=Decimal("33.33")),
            Planned(title="Wires", due=date(2026, 12, 18), share=Decimal("33.33")),
            Planned(title="Sockets <all>", due=date(2026, 12, 24), share=Decimal("33.34")),
        ),
        made_at=MONDAY_MORNING,
        changed_at=MONDAY_MORNING,
    )
    return replace(bid, **changes)


def a_project(**changes: Any) -> Project:
    """A requirement that was just published."""
    project = Project(id="PR1", requirement=a_requirement(), created_at=MONDAY_MORNING, updated_at=MONDAY_MORNING)
    return replace(project, **changes)


def acted(project: Project, event: Event, side: Side, **more: Any) -> Project:
    """A project after an act, on Monday morning unless ``at`` says when."""
    at: datetime = more.pop("at", MONDAY_MORNING)
    return move(project, Act(event=event, side=side, by="operator:1", **more), at).project


def selected(**changes: Any) -> Project:
    """A project whose one bid was selected."""
    bidden = acted(a_project(**changes), Event.BID, Side.PROVIDER, bid=a_bid())
    more = {"bid_id": "B1", "contractor": CONTRACTOR, "samiti": "Sewamitra Samiti"}
    return acted(bidden, Event.SELECT, Side.CONSUMER, at=BIDS_UNTIL, **more)


def agreed(**changes: Any) -> Project:
    """A project whose MOU both sides have accepted."""
    project = selected(**changes)
    assert project.mou is not None
    for side in (Side.PROVIDER, Side.CONSUMER):
        said = {"name": "Somebody Demo", "digest": project.mou.digest, "rates": RATES}
        project = acted(project, Event.ACCEPT_MOU, side, **said)
    return project
