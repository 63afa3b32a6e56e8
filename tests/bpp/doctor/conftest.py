"""A deployment in good health on loopback, to be spoiled in one thing at a time."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from bpp.app import build_app, prepare, utc_now
from bpp.doctor.challenge import CURRENT
from bpp.doctor.examine import MEASURED, PROBES, carried_out
from bpp.doctor.finding import Finding
from bpp.doctor.ground import Ground, standing
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, registry_records
from bpp.setting_types import OUTSIDE_SANDBOX
from bpp.settings import Settings, load_settings
from signing.keys import encode_private_key, encode_public_key, generate_encryption_key, generate_signing_key
from tests.bpp.cli.conftest import bpp, environment, no_logs
from tests.support.certificates import Authority, an_authority
from tests.support.network import free_port, settings_for
from tests.support.seeded import seeded_sqlite

__all__ = ["bpp", "environment", "no_logs"]  # fixtures of the command line
AUTHORITY = an_authority()
Edit = Callable[[dict[str, Any]], Any]


@dataclass(kw_only=True)
class Deployment:
    """``environ`` are the settings of the server; ``also`` is what the doctor is told otherwise."""

    environ: dict[str, str]
    registry: Path
    clock: Callable[[], datetime] = utc_now
    callback: str = ""
    authority: Authority = AUTHORITY
    also: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return load_settings(self.environ | self.also)

    def edit_own(self, edit: Edit) -> None:
        """Change what the registry has of us, record by record."""
        records = orjson.loads(self.registry.read_bytes())
        own = [one for one in records if one["type"] == "BPP"]
        for one in own:
            edit(one)
        self.registry.write_bytes(orjson.dumps(records))

    def drop_own(self, *domains: str) -> None:
        """Take records of ours out: those of some domains, or all."""
        records = orjson.loads(self.registry.read_bytes())
        kept = [one for one in records if one["type"] != "BPP" or (domains and one["domain"] not in domains)]
        self.registry.write_bytes(orjson.dumps(kept))

    @asynccontextmanager
    async def ground(self) -> AsyncIterator[Ground]:
        trust = self.authority.trust()
        async with standing(self.settings, clock=self.clock, callback=self.callback, trust=trust) as ground:
            yield ground

    async def findings(self, probe: str) -> list[Finding]:
        """What one probe finds."""
        (named,) = [one for one in (*PROBES, *MEASURED) if one.name == probe]
        async with self.ground() as ground:
            return list(await carried_out(named, ground))


@pytest.fixture
def seeded_url(tmp_path: Path) -> str:
    """The schema and the demonstration catalog on SQLite."""
    return seeded_sqlite(tmp_path)


@pytest.fixture
async def sandbox(seeded_url: str, tmp_path: Path) -> AsyncIterator[Deployment]:
    """The sandbox's server, by http."""
    port, registry = free_port(), tmp_path / "registry.json"
    url = f"http://127.0.0.1:{port}"
    registry.write_bytes(orjson.dumps(registry_records((BPP.at(url), BUYER, GATEWAY))))
    settings = settings_for(seeded_url, registry, port)
    environ = {
        "BPP_DATABASE_URL": seeded_url,
        "BPP_REGISTRY": str(registry),
        "BPP_PORT": str(port),
        "BPP_SUBSCRIBER_URI": url,
    }
    async with serving(settings):
        yield Deployment(environ=environ, registry=registry)


@pytest.fixture
async def preprod(seeded_url: str, tmp_path: Path) -> AsyncIterator[Deployment]:
    """A server outside the sandbox, by https with a certificate of our authority; the registry is a file."""
    port, registry = free_port(), tmp_path / "registry.json"
    signing, encryption = generate_signing_key(), generate_encryption_key()
    host = f"localhost:{port}"
    seller = BPP.at(f"https://{host}")
    records = registry_records((seller,))
    for record in records:
        record |= {
            "subscriber_id": host,
            "ukId": "own-1",
            "signing_public_key": encode_public_key(signing),
            "encr_public_key": encode_public_key(encryption),
        }
    registry.write_bytes(orjson.dumps(records))
    values = {name: f"some-{name}" for name in OUTSIDE_SANDBOX} | {
        "env": "preprod",
        "port": str(port),
        "registry": str(registry),
        "subscriber_id": host,
        "subscriber_uri": f"https://{host}",
        "unique_key_id": "own-1",
        "database_url": seeded_url,
        "signing_key": encode_private_key(signing),
        "encryption_key": encode_private_key(encryption),
        "data_key": base64.b64encode(bytes(range(32))).decode(),
        "registry_encryption_keys": CURRENT["preprod"],
        "operator_token": "a-token",
        "callback_allow": "127.0.0.0/8,::1/128",
    }
    environ = {f"BPP_{name.upper()}": value for name, value in values.items()}
    async with serving(load_settings(environ), tls=AUTHORITY.server(tmp_path)):
        yield Deployment(environ=environ, registry=registry)


@asynccontextmanager
async def serving(settings: Settings, *, tls: Any = None) -> AsyncIterator[None]:
    """The real server of these settings, by http or https."""
    await prepare(settings)
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(build_app(settings), access_log=None, handle_signals=False)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", settings.port, ssl_context=tls).start()
        yield
