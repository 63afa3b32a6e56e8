"""One episode: a fresh seller, buyers who load it, faults at drawn moments, quiet, and the reconciliation.

A long run is many of these, each with a seed of its own, so that it can be bounded, resumed and shared out, and so that
what breaks a law can be looked for again on its own.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import pickle
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from bpp.sandbox.identities import BPP, registry_records, write_records
from bpp.sandbox.places import place_at
from tests.chaos import books, faults
from tests.chaos.buyer import Buyer, Habits, participant
from tests.chaos.customer import Customers, People
from tests.chaos.faults import Scene
from tests.chaos.ground import WORDS, ChaosServer, Postgres, make_database, teams
from tests.chaos.laws import STAFFING, STALLED, Broken, reconcile
from tests.chaos.moved import move
from tests.chaos.recording import Fault, Recording, Wish
from tests.chaos.registry import Registry
from tests.chaos.wire import Client, NoAnswer
from tests.support.network import OPERATOR_TOKEN

PLACE = place_at("226001")
QUIET_WITHIN = 180.0
FORWARD = 1500.0
"""Seconds by which a moved clock is put forward in the end: past everything that it dated while it was ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an episode is. It ends when there were so many ``kills`` and ``orders``, or after ``seconds`` of load.

    ``only`` are the faults that strike, in turn; all are drawn from where it is empty. ``lines`` are those to die at.
    """

    seed: str
    database: str
    workers: int = 1
    machines: int = 1
    moved: bool = False
    kills: int = 10
    orders: int = 100
    seconds: float = 600.0
    buyers: int = 4
    customers: int = 6
    badly: float = 0.08
    calm: tuple[float, float] = (0.2, 1.0)
    only: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of an episode."""

    plan: Plan
    broken: Sequence[Broken]
    orders: int
    kills: int
    seconds: float
    faults: Sequence[Fault]
    counts: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        by_kind: dict[str, dict[str, float]] = {}
        for one in self.faults:
            found = by_kind.setdefault(one.kind, {"times": 0, "kills": 0, "worst_recovery": 0.0})
            found["times"] += 1
            found["kills"] += one.kills
            found["worst_recovery"] = round(max(found["worst_recovery"], one.recovered), 2)
        return {
            "seed": self.plan.seed,
            "database": self.plan.database,
            "workers": self.plan.workers,
            "machines": self.plan.machines,
            "clock": self.plan.moved,
            "orders": self.orders,
            "kills": self.kills,
            "seconds": round(self.seconds, 1),
            "faults": by_kind,
            "counts": self.counts,
            "broken": [{"law": one.law, "what": one.what} for one in self.broken],
        }


@asynccontextmanager
async def _scene(
    plan: Plan, url: str, folder: Path, disk: Path | None, postgres: Postgres | None
) -> AsyncIterator[Scene]:
    recording, rng = Recording(), Random(plan.seed)
    machines = [
        ChaosServer(
            url,
            folder / f"machine-{number}",
            moved=plan.moved,
            BPP_WORKERS=str(plan.workers),
            BPP_HOLDS_PER_PEER="2000",
            BPP_PEER_RATE="100000",
            BPP_PEER_BURST="100000",
        )
        for number in range(plan.machines)
    ]
    server, ports = machines[0], [one.port for one in machines]
    habits = Habits(badly=plan.badly, skew=timedelta(hours=1)) if plan.moved else Habits(badly=plan.badly)
    buyers = [
        Buyer(
            participant=participant(number),
            bpp_ports=ports,
            seed=plan.seed,
            recording=recording,
            habits=habits,
            place=PLACE,
        )
        for number in range(1, plan.buyers + 1)
    ]
    async with AsyncExitStack() as stack:
        for one in buyers:
            await stack.enter_async_context(one)
        registry = await stack.enter_async_context(Registry()) if plan.moved else None
        members = (BPP.at(server.url), *(one.participant.at(one.sink.url) for one in buyers))
        records = registry_records(members)
        for machine in machines:
            machine.environ["BPP_SUBSCRIBER_URI"] = server.url
            if registry is not None:
                registry.records = records
                machine.environ["BPP_REGISTRY"] = registry.url
            write_records(machine.registry, records)
            stack.callback(machine.end)
            await machine.start()
        yield Scene(
            machines=machines,
            server=server,
            buyers=buyers,
            recording=recording,
            rng=rng,
            records=records,
            postgres=postgres,
            disk=disk,
            registry=registry,
            lines=[*plan.lines],
        )


async def run(plan: Plan, folder: Path, *, disk: Path | None = None, postgres: Postgres | None = None) -> Result:
    """Play an episode on a fresh database. ``disk`` is a small one, for SQLite; ``postgres`` a server of ours."""
    folder.mkdir(parents=True, exist_ok=True)
    url = postgres.url if postgres is not None else f"sqlite+aiosqlite:///{(disk or folder) / 'bpp.sqlite3'}"
    await make_database(url)
    now = asyncio.get_running_loop().time
    began = now()
    async with _scene(plan, url, folder, disk, postgres) as scene:
        await _load_and_faults(scene, plan)
        await _quiet(scene, url)
        found = await books.look(url)
    broken = await asyncio.to_thread(reconcile, scene.recording, found)
    _recoveries(scene.recording)
    told, asked = scene.recording.told, scene.recording.asked
    tries = [one for each in asked for one in each.tries]
    result = Result(
        plan=plan,
        broken=broken,
        orders=len(found.orders),
        kills=sum(one.kills for one in scene.recording.faults),
        seconds=now() - began,
        faults=scene.recording.faults,
        counts={
            "requests": len(asked),
            "requests acked": sum(one.acked for one in asked),
            "requests never answered": sum(one.open for one in asked),
            "tries cut off": sum(one.status == 0 for one in tries),
            "tries without an answer in time": sum(one.status == 0 and one.came - one.left >= STALLED for one in tries),
            "tries refused for the moment": sum(one.status == 503 for one in tries),
            "requests repeated": sum(len(one.tries) > 1 for one in asked),
            "callbacks": len(told),
            "callbacks taken": sum(one.taken == "acked" for one in told),
            "operator events": sum(one.done for one in scene.recording.acts),
            "visits given to others": sum(one.done and one.event in STAFFING for one in scene.recording.acts),
            "visits of workers who were out": sum(len(one.now) for one in scene.recording.reliefs),
            "postings": len(found.postings),
            **{f"outbox {state}": count for state, count in Counter(one.state for one in found.outbox).items()},
        },
    )
    if broken:
        (folder / "broken.json").write_text(json.dumps(result.as_json(), indent=1))
        (folder / "evidence.pickle").write_bytes(pickle.dumps((scene.recording, found)))
    return result


async def _load_and_faults(scene: Scene, plan: Plan) -> None:
    now = asyncio.get_running_loop().time
    until = now() + plan.seconds
    people_client, workers = Client(*(one.port for one in scene.machines)), teams()
    customers = [
        Customers(
            buyer=buyer,
            people=People(
                client=people_client,
                token=OPERATOR_TOKEN,
                rng=Random(f"{plan.seed} people {number} {place}"),
                recording=scene.recording,
                teams=workers,
            ),
            rng=Random(f"{plan.seed} customers {number} {place}"),
            words=WORDS,
        )
        for number, buyer in enumerate(scene.buyers)
        for place in range(plan.customers)
    ]
    counted = [0]
    over = False

    async def live(one: Customers) -> None:
        while not over:  # what waits for an answer may miss that it was cancelled (asyncio.wait_for until Python 3.12)
            before = one.booked
            await one.book()
            counted[0] += one.booked - before
            if one.booked == before:  # nobody tries again at once for ever
                await asyncio.sleep(0.2)

    async with asyncio.TaskGroup() as tasks:
        living = [tasks.create_task(live(one)) for one in customers]
        kills, given = 0, itertools.cycle(plan.only)
        try:
            while now() < until and (kills < plan.kills or counted[0] < plan.orders):
                await scene.pause(*plan.calm)
                if kills < plan.kills and kills * plan.orders <= counted[0] * plan.kills:  # spread over the whole load
                    name = next(given) if plan.only else faults.draw(scene)
                    kills += (await faults.strike(scene, name)).kills
        finally:
            over = True
        for task in living:
            task.cancel()
    people_client.close()


async def _quiet(scene: Scene, url: str) -> None:
    """Let everything that waits be sent: buyers behave and are well, and an operator sends what waits for its next try.

    Where the clock was ahead, it is put ahead again, past whatever was dated then.
    """
    for one in scene.buyers:
        one.behaves = True
    now = asyncio.get_running_loop().time
    if scene.server.moved:
        for machine in scene.machines:
            move(machine.clock, FORWARD)
        scene.recording.faults.append(Fault(kind="clock", began=now(), ended=now()))
    until, client = now() + QUIET_WITHIN, Client(scene.server.port)
    while (left := await books.waiting(url)) and now() < until:
        for seq, bap_id, transaction_id in left:
            headers, asked_at = (f"Authorization: Bearer {OPERATOR_TOKEN}", "Content-Type: application/json"), now()
            with suppress(NoAnswer):
                await client.send("POST", f"/api/v1/deliveries/{seq}/retry", b"{}", *headers)
            scene.recording.wishes.append(Wish(asked_at, now(), bap_id, transaction_id))
        await asyncio.sleep(0.5)
    client.close()
    for machine in scene.machines:
        await asyncio.to_thread(machine.stop)


def _recoveries(recording: Recording) -> None:
    """For each fault, how long it was from its beginning to the end of the first request that was sent and ACKed after."""
    acked = sorted((one.left, one.came) for asked in recording.asked for one in asked.tries if one.acked)
    place = 0
    for fault in recording.faults:
        while place < len(acked) and acked[place][0] < fault.began:
            place += 1
        if place < len(acked):
            fault.recovered = acked[place][1] - fault.began
