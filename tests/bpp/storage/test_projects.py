"""Projects in the database: they come back, are found, change once, and what departments bought is found again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bpp.orders.states import Stage as OrderStage
from bpp.projects.model import Project
from bpp.projects.states import Event, Side
from bpp.storage.ports import VersionConflict
from bpp.storage.ports_projects import ProjectEvent, ProjectFilter
from bpp.storage.types import decode, encode
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import a_visit, after, an_order
from tests.support.project_builders import a_department, a_project, a_requirement, acted, agreed


async def test_a_project_comes_back_as_it_was_put_and_a_stale_change_is_refused(storage):
    first = agreed()
    await storage.run(lambda work: work.projects.add(first))
    later = acted(first, Event.REPORT, Side.PROVIDER, milestone=1)
    saved = await storage.run(lambda work: work.projects.save(later))

    assert decode(Project, encode(first)) == first
    assert saved == replace(later, version=1)
    assert await storage.run(lambda work: work.projects.get("PR1")) == saved
    assert await storage.read(lambda work: work.projects.get("PR2")) is None

    async def stale(work):
        with pytest.raises(VersionConflict):
            await work.projects.save(later)

    await storage.run(stale)


async def test_projects_are_found_by_what_they_are_newest_first_in_pages(storage):
    for number in range(4):
        wanted = a_requirement(consumer=a_department()) if number % 2 else a_requirement()
        one = agreed(id=f"PR{number}", requirement=wanted, created_at=after(hours=number))
        await storage.run(lambda work, one=one: work.projects.add(one))
    await storage.run(lambda work: work.projects.add(a_project(id="NEW", created_at=after(hours=9))))

    async def found(**which):
        return [one.id for one in await storage.read(lambda work: work.projects.find(ProjectFilter(**which)))]

    assert await found() == ["NEW", "PR3", "PR2", "PR1", "PR0"]
    assert await found(limit=2, after="PR3") == ["PR2", "PR1"]
    assert await found(kind="department") == ["PR3", "PR1"]
    assert await found(stage="OPEN", provider_id="", district="162", service_id="SM-ELC") == ["NEW"]
    assert await found(provider_id="P1", kind="citizen", phone="9876543210") == ["PR2", "PR0"]
    assert await found(district="129") == []


async def test_the_history_only_grows(storage):
    steps = [
        ProjectEvent(
            at=after(hours=number),
            project_id="PR1",
            event=event,
            side="consumer",
            source="OPEN",
            target="OPEN",
            detail={"name": "मीरा", "milestone": number},
        )
        for number, event in enumerate(("publish", "cancel"))
    ]
    for one in steps:
        await storage.run(lambda work, one=one: work.projects.record(one))

    assert await storage.read(lambda work: work.projects.events("PR1")) == steps
    assert await storage.read(lambda work: work.projects.events("PR2")) == []


async def test_only_what_departments_bought_is_reported(storage):
    done = (a_visit(stage=OrderStage.COMPLETED, completed_at=NOW),)
    orders = (
        an_order(1, channel="department", peer=None, fulfillments=done, updated_at=after(hours=1)),
        an_order(2, channel="department", peer=None),
        an_order(3, channel="portal", peer=None, fulfillments=done),
    )
    for order in orders:
        await storage.run(lambda work, order=order: work.orders.add(order, NOW))
    for number, consumer in enumerate((a_department(), a_requirement().consumer)):
        one = agreed(id=f"PR{number}", requirement=a_requirement(consumer=consumer))
        await storage.run(lambda work, one=one: work.projects.add(one))

    async def found(since):
        orders = await storage.read(lambda work: work.projects.orders_of_departments(since))
        projects = await storage.read(lambda work: work.projects.of_departments(since))
        return [one.ref for one in orders], [one.id for one in projects]

    assert await found(NOW) == (["R1"], ["PR0"])
    assert await found(after(minutes=30)) == (["R1"], [])
    assert await found(after(hours=2)) == ([], [])
