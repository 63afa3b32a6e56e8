"""A provider at its pages: who it is, what its orders are made of, and a sheet as such a firm has one."""

from __future__ import annotations

from typing import Any

from tests.support.callers import booked
from tests.support.network import Network

OWN, OTHER = "P-GOMTI", "P-AMIN"
WORKER = "W-GOMTI-1"
HOME = f"/console/provider/{OWN}"
SHEET = """सेवा,काम,दर,समय
प्लम्बर,नल मरम्मत,349,45 मिनट
प्लम्बर,जादू का काम,100,30 मिनट
इलेक्ट्रीशियन,पंखा मरम्मत,0,30 मिनट
"""
"""A row that can be taken, one of a work that nobody knows, one without a fee."""


async def changed(network: Network, path: str, **fields: Any) -> None:
    """A value of the catalog changed by the operator API."""
    status, answer = await network.call("PATCH", path, fields)
    assert status == 200, answer


async def waiting(network: Network, slot: int = 0) -> Any:
    """An order by telephone that waits for the provider's word."""
    await changed(network, f"/providers/{OWN}", acceptance="manual")
    return await booked(network.call, slot=slot)


async def told(network: Network, path: str) -> Any:
    """What the operator API says."""
    status, answer = await network.call("GET", path)
    assert status == 200, answer
    return answer
