"""The seller that strangers try to break: one process for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows.conftest import network, sqlite_url
from tests.support.hostile import Seller, running_seller

__all__ = ["network", "sqlite_url"]


@pytest.fixture(scope="package")
def seller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seller]:
    """A running server that hostile requests go to."""
    with running_seller(tmp_path_factory.mktemp("hostile")) as running:
        yield running
