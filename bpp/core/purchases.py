"""What departments bought through Sewamitra in a period (rule R16): bookings done, milestones accepted. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bpp.orders.model import Order
from bpp.projects.model import Project
from catalog.money import Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchases:
    """One department and service: how many bookings, projects and milestones, and their amounts, tax included."""

    department: str
    service_id: str
    bookings: int
    booked: Money
    projects: int
    milestones: int
    accepted: Money

    @property
    def total(self) -> Money:
        """Everything together."""
        return self.booked + self.accepted


def purchases(
    orders: Iterable[Order], projects: Iterable[Project], first: datetime, last: datetime
) -> tuple[Purchases, ...]:
    """What was bought from ``first`` on and before ``last``, by department and service, in that order.

    A booking counts when its last visit was done, a milestone when it was accepted. An order of several services is
    that of its first item.
    """
    booked: dict[tuple[str, str], list[Money]] = defaultdict(list)
    for order in orders:
        done = [one.completed_at for one in order.fulfillments if one.completed_at is not None]
        if done and first <= max(done) < last:
            booked[department_of(order), order.items[0].service_id].append(order.quote.total)
    accepted: dict[tuple[str, str], list[tuple[str, Money]]] = defaultdict(list)
    for project in projects:
        wanted = project.requirement
        for one in project.milestones:
            if one.accepted_at is not None and first <= one.accepted_at < last:
                accepted[wanted.consumer.party, wanted.service_id].append((project.id, one.amount))
    return tuple(
        Purchases(
            department=department,
            service_id=service_id,
            bookings=len(booked[department, service_id]),
            booked=total(booked[department, service_id]),
            projects=len({project_id for project_id, _ in accepted[department, service_id]}),
            milestones=len(accepted[department, service_id]),
            accepted=total(amount for _, amount in accepted[department, service_id]),
        )
        for department, service_id in sorted({*booked, *accepted})
    )


def department_of(order: Order) -> str:
    """Which department an order of that channel is for: the name that is billed."""
    return str(order.billing.get("name") or "")
