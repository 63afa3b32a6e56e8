"""Whose page it is: the worker that a path names, as the person may see him or her; and where such pages are."""

from __future__ import annotations

from bpp.console.page import Visit
from bpp.core.privacy import read_worker
from bpp.core.world import World
from bpp.operator.problems import not_found
from bpp.orders.model import Fulfillment
from bpp.people.model import Role
from bpp.storage.ports import Work
from catalog.model import Worker


async def worker_at(visit: Visit, work: Work, world: World) -> Worker:
    """The worker that a path names. Who looks at somebody else leaves a row, or sees no name; raises 404 for nobody."""
    worker = known(visit, world)
    if visit.person.role is Role.WORKER:
        return worker
    return await read_worker(worker, visit.caller.reader, work, world)


def known(visit: Visit, world: World) -> Worker:
    """The worker that a path names, as the catalog has him or her; raises ApiProblem 404 for nobody."""
    worker = world.catalog.worker(visit.path["worker"])
    if worker is None:
        raise not_found("worker", visit.path["worker"])
    return worker


def team(visit: Fulfillment) -> frozenset[str]:
    """The ids of the workers who go together to a visit."""
    return frozenset(one.worker_id for one in (visit.assignee, *visit.crew) if one is not None)


def path_to(page: str, worker_id: str) -> str:
    """The path of a page of a worker: ``today``, ``availability``."""
    return f"/console/worker/{worker_id}/{page}"
