"""What is done to a running seller and to what it stands on: a table of faults, each carried out and then over.

A fault is over when what was broken is whole again and the server is ready. Between faults the load goes on.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bpp.sandbox.identities import write_records
from tests.chaos import dying
from tests.chaos.buyer import Buyer
from tests.chaos.ground import ChaosServer, Postgres, fill
from tests.chaos.moved import move
from tests.chaos.recording import Fault, Recording
from tests.chaos.registry import WRONG, Registry

MOVES = (3.0, -3.0, 40.0, -40.0, 1200.0, -1200.0)
"""Seconds by which the clock is moved: within what signatures tolerate, beyond it, and far."""


@dataclass(kw_only=True)
class Scene:
    """Everything that can be broken; None where this run has it not. ``records`` are the registry's.

    ``machines`` are servers of one database, as different machines are; ``server`` is the one that the fault strikes.
    ``disk`` is that of the database.
    """

    machines: Sequence[ChaosServer]
    server: ChaosServer
    buyers: Sequence[Buyer]
    recording: Recording
    rng: Random
    records: Sequence[dict[str, object]]
    postgres: Postgres | None = None
    disk: Path | None = None
    registry: Registry | None = None
    lines: list[str] = field(default_factory=list)
    """Lines of the program at which the next servers shall die; those that were not reached stay out of the count."""

    async def pause(self, least: float, most: float) -> None:
        """For as long as the draw says."""
        await asyncio.sleep(self.rng.uniform(least, most))


async def kill_all(scene: Scene, fault: Fault) -> None:
    """kill -9 of every process, and a start on what they left."""
    fault.kills = await asyncio.to_thread(scene.server.kill_all)
    await scene.server.start()


async def kill_worker(scene: Scene, fault: Fault) -> None:
    """kill -9 of one of several; the parent sees to another."""
    before = scene.server.children()
    fault.kills = scene.server.kill_child(scene.rng.randrange(8))
    while fault.kills and not {*scene.server.children()} - {*before}:  # noqa: ASYNC110  processes ring no bell
        await asyncio.sleep(0.05)


async def terminate(scene: Scene, fault: Fault) -> None:
    """SIGTERM: what is under way is finished."""
    await asyncio.to_thread(scene.server.stop)
    await scene.server.start()


async def stop_postgres(scene: Scene, fault: Fault) -> None:
    """The database's immediate stop, under whatever runs."""
    await _cut(scene, signal.SIGQUIT)


async def kill_postgres(scene: Scene, fault: Fault) -> None:
    """kill -9 of the database's first process."""
    await _cut(scene, signal.SIGKILL)


async def _cut(scene: Scene, number: signal.Signals) -> None:
    assert scene.postgres is not None
    await asyncio.to_thread(scene.postgres.cut, number)
    await scene.pause(0.1, 1.0)
    await asyncio.to_thread(scene.postgres.start)


async def fill_disk(scene: Scene, fault: Fault) -> None:
    """The database has not a byte left for a while; now and then the server dies and comes back after that.

    PostgreSQL may end itself, as it does when it cannot write its log; it is started again then.
    """
    assert scene.disk is not None
    ballast = await asyncio.to_thread(fill, scene.disk)
    await scene.pause(0.3, 1.0)
    if scene.rng.random() < 0.3:
        fault.kills = await asyncio.to_thread(scene.server.kill_all)
    ballast.unlink()
    if scene.postgres is not None:
        await asyncio.to_thread(scene.postgres.recover)
    if fault.kills:
        await scene.server.start()


async def registry_wrong(scene: Scene, fault: Fault) -> None:
    """It answers nonsense, or nothing, to a server that has just been started and knows no key."""
    await _with_registry(scene, fault, slow=0.0)


async def registry_slow(scene: Scene, fault: Fault) -> None:
    """It takes longer than a look-up may take, or nearly."""
    await _with_registry(scene, fault, slow=scene.rng.choice((0.8, 3.0, 6.0)))


async def _with_registry(scene: Scene, fault: Fault, slow: float) -> None:
    if scene.registry is None:  # a file: the last good state stays in force
        scene.server.registry.write_bytes(b"not a registry")
        await scene.pause(0.3, 1.0)
        write_records(scene.server.registry, scene.records)
        return
    scene.registry.slow = slow
    scene.registry.instead = None if slow else WRONG[scene.rng.choice(tuple(WRONG))]
    fault.kills = await asyncio.to_thread(scene.server.kill_all)
    await scene.server.start()
    await scene.pause(0.3, 1.5)
    scene.registry.slow, scene.registry.instead = 0.0, None


async def registry_absent(scene: Scene, fault: Fault) -> None:
    """Nobody is there to be asked; or the file is gone."""
    if scene.registry is None:
        scene.server.registry.unlink()
        await scene.pause(0.3, 1.0)
        write_records(scene.server.registry, scene.records)
        return
    scene.registry.close()
    fault.kills = await asyncio.to_thread(scene.server.kill_all)
    await scene.server.start()
    await scene.pause(0.3, 1.5)
    await scene.registry.listen()


async def move_clock(scene: Scene, fault: Fault) -> None:
    """The clock is off for a while, and is put right; the server may die meanwhile."""
    move(scene.server.clock, scene.rng.choice(MOVES))
    await scene.pause(0.5, 1.5)
    if scene.rng.random() < 0.3:
        fault.kills = await asyncio.to_thread(scene.server.kill_all)
        await scene.server.start()
        await scene.pause(0.3, 0.6)
    move(scene.server.clock, 0)


async def buyer_down(scene: Scene, fault: Fault) -> None:
    """One buyer app is not there."""
    await scene.rng.choice(scene.buyers).be_down(scene.rng.uniform(0.3, 2.0))


async def die_at_line(scene: Scene, fault: Fault) -> None:
    """The server is killed, started so that it dies at a line of the program, and once it has, as usual.

    A line that the load does not reach within some seconds is left; the server is killed then, as by ``kill_all``.
    """
    line = fault.place = scene.lines.pop(0)
    fault.kills = await asyncio.to_thread(scene.server.kill_all)
    scene.server.environ[dying.DIE] = f"{line}:{scene.rng.randint(1, 6)}"
    try:
        await scene.server.start(may_die=True)
        for _ in range(REACH_STEPS):
            if not scene.server.alive():
                break
            await asyncio.sleep(REACH_STEP)
        else:
            fault.kind = "line not reached"
            await asyncio.to_thread(scene.server.kill_all)
        fault.kills += 1
    finally:
        del scene.server.environ[dying.DIE]
    await scene.server.start()


async def die_at_callback(scene: Scene, fault: Fault) -> None:
    """The server, all of it, is killed when a buyer app has its callback and has not answered yet."""
    struck = asyncio.Event()

    def strike() -> None:
        fault.kills = sum(one.kill_all() for one in scene.machines)
        struck.set()

    buyer = scene.rng.choice(scene.buyers)
    buyer.before_answering = strike
    try:
        await asyncio.wait_for(struck.wait(), REACH_STEP * REACH_STEPS)
    except TimeoutError:
        buyer.before_answering = None
        fault.kind = "callback not seen"
        return
    for one in scene.machines:
        await one.start()


REACH_STEP, REACH_STEPS = 0.1, 60


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault: how often among others, what it needs, what is done."""

    weight: int
    possible: Callable[[Scene], bool]
    carry_out: Callable[[Scene, Fault], Awaitable[None]]


FAULTS: Mapping[str, Kind] = {
    "kill all": Kind(6, lambda _: True, kill_all),
    "kill worker": Kind(12, lambda scene: bool(scene.server.children()), kill_worker),
    "terminate": Kind(1, lambda _: True, terminate),
    "postgres stopped": Kind(2, lambda scene: scene.postgres is not None, stop_postgres),
    "postgres killed": Kind(2, lambda scene: scene.postgres is not None, kill_postgres),
    "disk full": Kind(2, lambda scene: scene.disk is not None, fill_disk),
    "registry wrong": Kind(1, lambda _: True, registry_wrong),
    "registry slow": Kind(1, lambda scene: scene.registry is not None, registry_slow),
    "registry absent": Kind(1, lambda _: True, registry_absent),
    "clock": Kind(3, lambda scene: scene.server.moved, move_clock),
    "buyer down": Kind(2, lambda _: True, buyer_down),
    "die at a callback": Kind(4, lambda _: True, die_at_callback),
    "die at a line": Kind(8, lambda scene: bool(scene.lines), die_at_line),
}


async def strike(scene: Scene, name: str) -> Fault:
    """Carry out one fault and write it down."""
    now = asyncio.get_running_loop().time
    fault = Fault(kind=name, began=now())
    scene.recording.faults.append(fault)
    scene.server = scene.rng.choice(scene.machines)
    fault.ended = float("inf")  # until it is over, it goes on
    try:
        await FAULTS[name].carry_out(scene, fault)
    finally:
        fault.ended = now()
    return fault


def draw(scene: Scene) -> str:
    """One of the faults that are possible here and now."""
    possible = [name for name, kind in FAULTS.items() if kind.possible(scene)]
    found: str = scene.rng.choices(possible, [FAULTS[name].weight for name in possible])[0]
    return found
