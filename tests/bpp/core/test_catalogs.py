"""A process's catalog brought up to date piece by piece is the one it would read as a whole, whatever happened."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpp.core.catalogs import RECENT, Worlds
from bpp.orders.ratings import Rated, Review
from bpp.storage.catalog_changes import REMEMBERED
from bpp.storage.door import SqlStorage
from bpp.storage.engine import open_storage
from bpp.storage.ports import Work
from catalog.customization import CustomizationCategory
from catalog.load import CatalogData
from catalog.snapshot import Catalog
from tests.support.catalog_builders import a_customization, a_provider, a_worker, an_offering
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import a_seller, an_order
from tests.support.world_builders import an_identity, some_rules

PROVIDERS, WORKERS, OFFERINGS = ("P1", "P2", "P3"), ("W1", "W2"), ("TAP", "FAN", "SINK")


def a_review(ref: str, provider_id: str, value: int, worker_id: str = "") -> Review:
    """What a customer of his or her own says of a provider, and of a worker."""
    said = [Rated(category="Provider", subject=provider_id, value=value)]
    if worker_id:
        said.append(Rated(category="Agent", subject=worker_id, value=value))
    return Review(
        ref=ref, of="order", provider_id=provider_id, rater=ref, rater_kind="ondc", rated_at=NOW, values=tuple(said)
    )


def a_process() -> Worlds:
    return Worlds(
        clock=lambda: NOW, new_id=lambda: "ID", rules=some_rules(), identity=an_identity(), otp_secret=b"secret"
    )


def with_choice(**changes: Any) -> Any:
    group, choice = f"{changes['id']}-FINISH", f"{changes['id']}-CHROME"
    category = CustomizationCategory(id=group, name="Finish", name_hi="Finish", code="FINISH")
    return an_offering(categories=(category,), customizations=(a_customization(choice, group),), **changes)


VALUES = st.one_of(
    st.builds(
        a_provider,
        id=st.sampled_from(PROVIDERS),
        name=st.sampled_from(("One", "Two")),
        districts=st.sampled_from((("162",), ("129", "162"), ("129",))),
    ),
    st.builds(a_worker, id=st.sampled_from(WORKERS), provider_id=st.sampled_from(PROVIDERS), active=st.booleans()),
    st.builds(an_offering, id=st.sampled_from(OFFERINGS), provider_id=st.sampled_from(PROVIDERS), active=st.booleans()),
    st.builds(with_choice, id=st.sampled_from(OFFERINGS), provider_id=st.sampled_from(PROVIDERS)),
)
WHO = st.integers(0, 1)
STEPS = st.one_of(
    st.tuples(st.just("put"), WHO, st.lists(VALUES, min_size=1, max_size=3)),
    st.tuples(st.just("fail"), WHO, st.lists(VALUES, min_size=1, max_size=2)),
    st.tuples(st.just("rate"), WHO, st.tuples(st.sampled_from(PROVIDERS), st.sampled_from(WORKERS), st.integers(1, 5))),
    st.tuples(st.just("change"), WHO, st.none()),
    st.tuples(st.just("look"), WHO, st.none()),
)


def of(values: list[Any]) -> CatalogData:
    def kind(name: str) -> Any:
        return tuple(one for one in values if type(one).__name__ == name)

    return CatalogData(providers=kind("Provider"), offerings=kind("Offering"), workers=kind("Worker"))


async def as_a_whole(work: Work) -> Catalog:
    data = await work.directory.load()
    whole = Catalog.build(
        version=await work.directory.version(),
        providers=data.providers,
        offerings=data.offerings,
        workers=data.workers,
    )
    return whole.with_ratings(await work.directory.ratings())


@dataclass
class Town:
    """One database, and two processes on it."""

    storages: tuple[SqlStorage, SqlStorage]
    worlds: tuple[Worlds, Worlds]
    orders: int = 0

    async def put(self, who: int, values: list[Any]) -> None:
        async def unit(work: Work) -> None:
            await self.worlds[who].current(work)
            await work.directory.seed(of(values))
            assert (await self.worlds[who].current(work)).catalog == await as_a_whole(work)  # its own change, at once

        await self.storages[who].run(unit)

    async def fail(self, who: int, values: list[Any]) -> None:
        """A unit that sees its own change, and is rolled back with it."""

        async def unit(work: Work) -> None:
            await work.directory.seed(of(values))
            await self.worlds[who].current(work)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await self.storages[who].run(unit)
        await self.look(who)

    async def rate(self, who: int, given: tuple[str, str, int]) -> None:
        provider, worker, value = given
        self.orders += 1

        async def unit(work: Work) -> None:
            order = an_order(self.orders, seller=a_seller(provider_id=provider))
            await work.orders.add(order, NOW)
            await work.feedback.keep(a_review(order.ref, provider, value, worker))
            await work.directory.rated()

        await self.storages[who].run(unit)

    async def change(self, who: int, _: None) -> None:
        await self.storages[who].run(lambda work: work.directory.changed())

    async def look(self, who: int, _: None = None) -> None:
        async def unit(work: Work) -> tuple[Catalog, Catalog]:
            return (await self.worlds[who].current(work)).catalog, await as_a_whole(work)

        found, expected = await self.storages[who].read(unit)
        assert found == expected


@given(steps=st.lists(STEPS, max_size=14))
@settings(max_examples=40)
def test_what_two_processes_see_is_what_is_stored_after_any_sequence_of_changes(
    sqlite_template: Path, steps: list[Any]
) -> None:
    async def play(folder: Path) -> None:
        url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, folder / 'bpp.sqlite3')}"
        town = Town(storages=(open_storage(url), open_storage(url)), worlds=(a_process(), a_process()))
        try:
            for name, who, what in steps:
                await getattr(town, name)(who, what)
            for who in (0, 1):
                await town.look(who)
        finally:
            for storage in town.storages:
                await storage.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))


async def test_only_what_was_changed_is_made_anew(storages) -> None:
    one, other, worlds = storages(), storages(), a_process()
    values = [a_provider(id=key) for key in PROVIDERS] + [a_worker(id=key) for key in WORKERS] + [an_offering()]
    await one.run(lambda work: work.directory.seed(of(values)))
    before = (await one.read(worlds.current)).catalog
    await other.run(lambda work: work.directory.put_worker(a_worker(id="W2", active=False)))
    after = (await one.read(worlds.current)).catalog

    assert not after.workers["W2"].active
    assert after.workers["W1"] is before.workers["W1"]
    assert all(after.providers[key] is before.providers[key] for key in PROVIDERS)
    assert after.offerings["TAP"] is before.offerings["TAP"]


async def test_a_change_that_was_rolled_back_leaves_the_catalog_in_memory_as_it_was(storages) -> None:
    storage, worlds = storages(), a_process()
    await storage.run(lambda work: work.directory.seed(of([a_provider(), a_worker()])))
    before = (await storage.read(worlds.current)).catalog

    async def failing(work: Work) -> None:
        await work.directory.put_worker(a_worker(active=False))
        assert not (await worlds.current(work)).catalog.workers["W1"].active
        raise RuntimeError

    for _ in range(RECENT - 1):
        with pytest.raises(RuntimeError):
            await storage.run(failing)

    assert (await storage.read(worlds.current)).catalog is before


async def test_who_reads_an_older_state_gets_the_catalog_of_that_state(storages) -> None:
    """A read that began before a change of the same process was committed goes on with what it saw."""
    storage, worlds = storages(), a_process()
    await storage.run(lambda work: work.directory.seed(of([a_provider(), a_worker()])))
    await storage.read(worlds.current)
    begun, changed = asyncio.Event(), asyncio.Event()

    async def slow(work: Work) -> Catalog:
        await work.directory.version()  # from here on it sees this state
        begun.set()
        await changed.wait()
        return (await worlds.current(work)).catalog

    reading = asyncio.create_task(storage.read(slow))
    await begun.wait()
    await storage.run(lambda work: work.directory.put_worker(a_worker(active=False)))
    now = (await storage.read(worlds.current)).catalog
    changed.set()

    assert not now.workers["W1"].active
    assert (await reading).workers["W1"].active
    assert (await storage.read(worlds.current)).catalog is now


async def test_a_stored_rating_is_kept_when_its_subject_is_changed(storages) -> None:
    storage, worlds = storages(), a_process()

    async def fill(work: Work) -> None:
        await work.directory.seed(of([a_provider()]))
        await work.orders.add(an_order(), NOW)
        await work.feedback.keep(a_review("R1", "P1", 5))
        await work.directory.rated()

    await storage.run(fill)
    await storage.read(worlds.current)
    await storage.run(lambda work: work.directory.put_provider(replace(a_provider(), name="Another")))
    found = (await storage.read(worlds.current)).catalog.providers["P1"]

    assert (found.name, found.rating.sum) == ("Another", 5)


async def test_a_process_that_is_too_far_behind_reads_everything_and_is_up_to_date(storages) -> None:
    storage, worlds = storages(), a_process()
    await storage.run(lambda work: work.directory.seed(of([a_provider(), a_worker()])))
    await storage.read(worlds.current)
    many = [a_worker(id=f"W{number:06d}") for number in range(REMEMBERED + 1)]
    await storage.run(lambda work: work.directory.seed(of(many)))
    found = (await storage.read(worlds.current)).catalog

    assert len(found.workers) == len(many) + 1
    assert len(found.workers_of["P1"]) == len(many) + 1
    assert found == await storage.read(as_a_whole)


async def test_whoever_reads_the_catalog_for_others_waits_for_no_row_that_one_of_them_has(postgres_database):
    storage, process = open_storage(postgres_database), a_process()
    await storage.run(lambda work: work.directory.seed(of([a_provider(id="P1")])))
    await storage.read(process.current)
    await storage.run(lambda work: rate(work, "O1"))
    await storage.run(lambda work: work.outbox.peer_failed("buyer", NOW, NOW))
    has_the_row, is_about_to_read = asyncio.Event(), asyncio.Event()

    async def holds_a_row_and_wants_the_catalog(work):
        await work.outbox.peer_failed("buyer", NOW, NOW)
        has_the_row.set()
        await is_about_to_read.wait()
        await asyncio.sleep(0.2)  # so that the other has come as far as it can
        return (await process.current(work)).catalog

    async def reads_the_catalog_before_its_own_change_of_the_row_is_made(work):
        await work.outbox.peer_well("buyer")
        is_about_to_read.set()
        return (await process.current(work)).catalog

    async with asyncio.TaskGroup() as units:
        one = units.create_task(storage.run(holds_a_row_and_wants_the_catalog))
        await has_the_row.wait()  # from here on its writer takes nothing else
        other = units.create_task(storage.run(reads_the_catalog_before_its_own_change_of_the_row_is_made))
    await storage.close()

    assert one.result().ratings == other.result().ratings
    assert one.result().ratings.providers["P1"].count == 1


async def rate(work, ref):
    await work.feedback.keep(a_review(ref, "P1", 4))
    await work.directory.rated()
