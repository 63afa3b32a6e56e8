"""A registry file with a seller that is not ours, and a buyer and a gateway beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bpp.sandbox.buyer import Buyer
from bpp.sandbox.gateway import Gateway
from bpp.sandbox.identities import BPP, PARTICIPANTS, write_registry
from tests.support.peers import FakeSeller


@pytest.fixture
async def seller() -> AsyncIterator[FakeSeller]:
    async with FakeSeller() as one:
        yield one


@pytest.fixture
def registry(tmp_path: Path, seller: FakeSeller) -> Path:
    path = tmp_path / "registry.json"
    write_registry(path, (BPP.at(seller.url), *PARTICIPANTS[1:]))
    return path


@pytest.fixture
async def buyer(registry: Path) -> AsyncIterator[Buyer]:
    async with Buyer(registry=registry) as one:
        yield one


@pytest.fixture
async def gateway(registry: Path) -> AsyncIterator[Gateway]:
    async with Gateway(registry=registry) as one:
        yield one
