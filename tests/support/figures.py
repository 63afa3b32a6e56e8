"""What /metrics of a server says."""

from __future__ import annotations

import aiohttp


async def exposition(url: str) -> str:
    """The text, by a connection of its own: of several processes on a port, whichever takes it."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        assert answer.status == 200
        return await answer.text()


async def figures(url: str) -> dict[str, float]:
    """Each series by its name with labels."""
    lines = [line for line in (await exposition(url)).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
