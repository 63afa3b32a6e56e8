"""Project work in the books: what an accepted milestone makes due, and its payment. Pure.

The accounts are those of orders; the postings belong to the project by its id, and their parts are
``milestone:<number>`` and ``payment:<number>``. Who collects a milestone is known only when it is paid, so what is
taken of money that the Samiti releases (tax collected and deducted at source) is booked then.
"""

from __future__ import annotations

from datetime import datetime

from bpp.ledger import chart
from bpp.ledger.booked import MILESTONE
from bpp.ledger.model import Line, Posting
from bpp.ledger.split import Charge, Split, split
from bpp.projects.model import Milestone, Project
from catalog.money import ZERO, Money


def milestone_posting(project: Project, milestone: Milestone, at: datetime) -> Posting:
    """A milestone was accepted: the consumer owes its amount, the provider has earned it, less commission and taxes."""
    parts = _split(project, milestone, cash=milestone.amount)
    lines = (
        Line(chart.consumer_due(project.id), parts.gross),
        Line(chart.COMMISSION, -parts.commission),
        Line(chart.GST_ON_COMMISSION, -parts.commission_gst),
        Line(chart.TCS, -parts.tcs),
        Line(chart.TDS, -parts.tds),
        Line(chart.GST_9_5, -parts.gst_9_5),
        Line(chart.provider_wallet(_provider(project)), -parts.provider),
    )
    return _posting(project, milestone, MILESTONE, f"milestone accepted: {milestone.title}", lines, at)


def payment_posting(project: Project, milestone: Milestone, at: datetime) -> Posting:
    """A milestone was paid: to the Samiti, or to the provider, who so has had that part of its wallet."""
    paid = Line(chart.consumer_due(project.id), -milestone.amount)
    wallet = chart.provider_wallet(_provider(project))
    lines: tuple[Line, ...] = (Line(wallet, milestone.amount), paid)
    if milestone.collected_by == "samiti":
        ours, theirs = _split(project, milestone, cash=ZERO), _split(project, milestone, cash=milestone.amount)
        tcs, tds = ours.tcs - theirs.tcs, ours.tds - theirs.tds
        lines = (
            Line(chart.BANK, milestone.amount),
            paid,
            Line(wallet, tcs + tds),
            Line(chart.TCS, -tcs),
            Line(chart.TDS, -tds),
        )
    return _posting(project, milestone, "payment", f"milestone paid: {milestone.transaction_id}", lines, at)


def _split(project: Project, milestone: Milestone, *, cash: Money) -> Split:
    assert project.bid is not None  # noqa: S101  milestones are those of the bid selected
    assert project.rates is not None  # noqa: S101  kept with the agreement
    operator_pays = project.requirement.service_id in project.rates.operator_pays
    charge = Charge(gross=milestone.amount, tax_rate=project.bid.tax_rate, operator_pays=operator_pays)
    return split([charge], project.rates, cash=cash)


def _posting(
    project: Project, milestone: Milestone, what: str, memo: str, lines: tuple[Line, ...], at: datetime
) -> Posting:
    """A posting whose id says what it is of: the same a second time is refused by the database."""
    part = f"{what}:{milestone.number}"
    moved = tuple(line for line in lines if line.amount != ZERO)
    return Posting(id=f"{project.id}:{part}", at=at, ref=project.id, part=part, memo=memo, lines=moved)


def _provider(project: Project) -> str:
    assert project.contractor is not None  # noqa: S101  milestones are agreed on with somebody
    return project.contractor.provider_id
