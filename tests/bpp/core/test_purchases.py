"""What departments bought: by department and service, what was done in the period and nothing else."""

from __future__ import annotations

from dataclasses import replace

from bpp.core.purchases import purchases
from bpp.orders.states import Stage
from bpp.projects.states import Event, Side
from catalog.money import Money, total
from tests.support.order_builders import a_visit, after, an_order
from tests.support.project_builders import a_department, a_requirement, acted, agreed


def bought(number, hours, name="Demo Department"):
    visits = (a_visit(stage=Stage.COMPLETED, completed_at=after(hours=hours)),)
    billing = {"name": name, "tax_id": "09AAAAA0009A1Z5"}
    return an_order(number, channel="department", peer=None, fulfillments=visits, billing=billing)


def test_bookings_count_when_they_were_done_and_milestones_when_they_were_accepted():
    project = agreed(requirement=a_requirement(consumer=a_department()))
    for number in (1, 2):
        project = acted(project, Event.REPORT, Side.PROVIDER, milestone=number)
        project = acted(project, Event.ACCEPT, Side.CONSUMER, milestone=number)
    late = replace(project.milestones[1], accepted_at=after(days=40))
    project = replace(project, milestones=(project.milestones[0], late, project.milestones[2]))
    orders = [bought(1, 1), bought(2, 2), bought(3, 24 * 40), bought(4, 1, "Another Demo Department")]

    rows = purchases(orders, [project], after(), after(days=30))

    assert [(one.department, one.service_id, one.bookings, one.projects, one.milestones) for one in rows] == [
        ("Another Demo Department", "SM-PLB", 1, 0, 0),
        ("Demo Department", "SM-ELC", 0, 1, 1),
        ("Demo Department", "SM-PLB", 2, 0, 0),
    ]
    assert [str(one.total) for one in rows] == ["199.00", "39329.40", "398.00"]
    whole = purchases(orders, [project], after(), after(days=90))
    assert total(one.total for one in whole) == Money.parse("199.00") * 4 + Money.parse("78658.80")
