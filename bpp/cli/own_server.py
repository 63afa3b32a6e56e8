"""Our own server for a command that needs one for a while: on a free port, with everything in one folder."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bpp.settings import load_settings

if TYPE_CHECKING:
    from bpp.sandbox.identities import Participant

REGISTRY = "registry.json"
"""The registry file in the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnServer:
    """A running sandbox server: its address, the registry file it reads, and a token of its operator API."""

    url: str
    registry: Path
    token: str = field(repr=False)


def settling_with(agency: Participant) -> dict[str, str]:
    """Settings to settle with an agency: at once, not after a day, and to ask it after a second, not after hours."""
    return {
        "BPP_SETTLEMENT": "messages",
        "BPP_SETTLEMENT_AGENCY_ID": agency.subscriber_id,
        "BPP_SETTLEMENT_AGENCY_URI": agency.url,
        "BPP_SETTLEMENT_WINDOW": "PT0S",
        "BPP_SETTLEMENT_AGENCY_WAIT": "PT1S",
    }


@asynccontextmanager
async def own_server(
    folder: Path, write_registry: Callable[[Path, str], None], **more: str
) -> AsyncIterator[OwnServer]:
    """Serve until the block ends; everything is kept in ``folder``.

    ``write_registry`` writes the registry file of a server at an address, before it starts; ``more`` are further
    settings by their environment names.
    """
    from bpp.app import prepare  # noqa: PLC0415  heavy: only commands that serve wait for it
    from bpp.serve import listening  # noqa: PLC0415
    from bpp.supervisor import bound  # noqa: PLC0415

    with bound("127.0.0.1", 0) as listener:  # ours from now on: the kernel gives its port to nobody else meanwhile
        port = listener.getsockname()[1]
        server = OwnServer(url=f"http://127.0.0.1:{port}", registry=folder / REGISTRY, token=secrets.token_urlsafe(24))
        write_registry(server.registry, server.url)
        settings = load_settings(
            {
                "BPP_ENV": "sandbox",
                "BPP_PORT": str(port),
                "BPP_SUBSCRIBER_URI": server.url,
                "BPP_REGISTRY": str(server.registry),
                "BPP_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bpp.db'}",
                "BPP_OPERATOR_TOKEN": server.token,
                **more,
            }
        )
        await prepare(settings)
        async with listening(settings, listener):
            yield server
