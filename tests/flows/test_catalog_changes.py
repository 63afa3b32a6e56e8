"""The catalog changes while servers run: whoever changes it, in whatever process, the next on_search shows it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import orjson

from bpp.app import seed
from bpp.sandbox import journey
from bpp.storage.engine import open_storage
from catalog.load import DEMO
from catalog.services import SERVICES
from catalog.synthetic.catalog import synthetic_catalog
from catalog.synthetic.rates import COMMON, trades
from catalog.synthetic.scale import SCALES
from tests.support.clock import FakeClock
from tests.support.network import Network, running_network

COMMAND = "import sys; from bpp.cli.main import run; sys.exit(run(sys.argv[1:]))"


async def bpp(network: Network, *arguments: str) -> None:
    """The program in a process of its own, on the network's database."""
    environment = {**os.environ, "BPP_DATABASE_URL": network.settings.database_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", COMMAND, *arguments, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0


async def found(network: Network, words: str) -> list[str]:
    answer = (await journey.search(network.buyer, words=words, place=network.place)).callback
    return [one["id"] for one in answer.message["catalog"]["providers"]]


async def test_what_another_process_imports_is_in_the_next_on_search(network: Network, tmp_path: Path) -> None:
    assert "P-GOMTI" in await found(network, "tap repair")
    folder = Path(shutil.copytree(DEMO, tmp_path / "catalog"))
    offerings = folder / "offerings.csv"
    offerings.write_text(
        offerings.read_text().replace("GOMTI-TAP,P-GOMTI,SM-PLB-TAP,,,", "GOMTI-TAP,P-GOMTI,SM-PLB-TAP,,Tap of gold,")
    )
    before = (await network.context.storage.read(network.context.worlds.current)).catalog

    await bpp(network, "catalog", "import", str(folder))
    answer = (await journey.search(network.buyer, words="tap of gold", place=network.place)).callback
    after = (await network.context.storage.read(network.context.worlds.current)).catalog

    (provider,) = answer.message["catalog"]["providers"]
    assert [one["descriptor"]["name"] for one in provider["items"]] == ["Tap of gold"]
    assert after.version != before.version


async def test_a_district_that_is_stored_while_a_server_runs_is_sold_at_once_and_as_the_network_wants_it(
    network: Network,
) -> None:
    """Every provider passes the rules of the wire, or it would be left out of the catalog; nothing is read again."""
    before = (await network.context.storage.read(network.context.worlds.current)).catalog
    other = open_storage(network.settings.database_url)
    await seed(other, synthetic_catalog(SCALES["district"], network.clock().date()))
    await other.close()

    for trade in COMMON:
        sub = trades()[trade][0][0]
        answer = (
            await journey.search(network.buyer, words=sub.name_en, place=network.place, domain=sub.domain)
        ).callback
        sellers = [one["id"] for one in answer.message["catalog"]["providers"]]
        assert any(one.startswith("SYN-") for one in sellers), SERVICES[trade].name_en
    after = (await network.context.storage.read(network.context.worlds.current)).catalog

    assert len(after.offerings) == len(before.offerings) + SCALES["district"].offerings
    assert all(after.workers[key] is one for key, one in before.workers.items())


async def sellers_of_a_district(network: Network) -> tuple[set[str], int]:
    """The made-up providers of a district in the answers to searches of whole domains, and the largest answer."""
    await seed(network.context.storage, synthetic_catalog(SCALES["district"], network.clock().date()))
    sellers: set[str] = set()
    largest = 0
    for domain in ("ONDC:SRV10", "ONDC:SRV11", "ONDC:SRV12"):
        answer = (await journey.search(network.buyer, place=network.place, domain=domain)).callback
        sellers |= {one["id"] for one in answer.message["catalog"]["providers"] if one["id"].startswith("SYN-")}
        largest = max(largest, len(orjson.dumps(answer.message)))
    return sellers, largest


async def test_all_that_a_made_up_district_sells_can_be_told_to_a_buyer(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with running_network(sqlite_url, tmp_path, clock, BPP_CATALOG_BYTES="10000000") as network:
        sellers, _ = await sellers_of_a_district(network)

    assert len(sellers) > SCALES["district"].providers // 4


async def test_no_answer_is_larger_than_a_megabyte_unless_a_setting_says_so(network: Network) -> None:
    sellers, largest = await sellers_of_a_district(network)

    assert 0 < len(sellers) < SCALES["district"].providers
    assert 800_000 < largest < 1_000_000
