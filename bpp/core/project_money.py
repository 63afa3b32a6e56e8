"""Project work in the books: what an accepted milestone makes due, and its payment. Pure.

The accounts are those of orders; the posting belongs to the project by its id, and its parts are ``milestone:<number>``
and ``payment:<number>``.
"""

from __future__ import annotations

from datetime import datetime

from bpp.ledger.model import Account, Line, Party, Posting, Purpose
from bpp.projects.model import Milestone, Project

BANK = Account(Party.SAMITI, "", Purpose.BANK)


def milestone_posting(project: Project, milestone: Milestone, at: datetime) -> Posting:
    """A milestone was accepted: the consumer owes its amount, which the provider has earned."""
    lines = (Line(_due(project), milestone.amount), Line(_wallet(project), -milestone.amount))
    return _posting(project, milestone, "milestone", f"Milestone accepted: {milestone.title}", lines, at)


def payment_posting(project: Project, milestone: Milestone, at: datetime) -> Posting:
    """A milestone was paid: to the Samiti's account, or to the provider, who so has had that part of its wallet."""
    where = BANK if milestone.collected_by == "samiti" else _wallet(project)
    lines = (Line(where, milestone.amount), Line(_due(project), -milestone.amount))
    return _posting(project, milestone, "payment", f"Milestone paid: {milestone.transaction_id}", lines, at)


def _posting(
    project: Project, milestone: Milestone, what: str, memo: str, lines: tuple[Line, ...], at: datetime
) -> Posting:
    """A posting whose id says what it is of: the same a second time is refused by the database."""
    part = f"{what}:{milestone.number}"
    return Posting(id=f"{project.id}/{part}", at=at, ref=project.id, part=part, memo=memo, lines=lines)


def _due(project: Project) -> Account:
    return Account(Party.CONSUMER, project.id, Purpose.DUE)


def _wallet(project: Project) -> Account:
    assert project.contractor is not None  # noqa: S101  milestones are agreed on with somebody
    return Account(Party.PROVIDER, project.contractor.provider_id, Purpose.WALLET)
