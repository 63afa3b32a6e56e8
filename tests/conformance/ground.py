"""Where sellers are proven in tests: the real server behind a program that plants faults, and buyers before it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from bpp.app import build_app
from bpp.cli.own_server import settling_with
from bpp.conformance.plan import read_plan
from bpp.conformance.programme import SCENARIOS
from bpp.conformance.record import Flow
from bpp.conformance.runner import Over, run
from bpp.conformance.scenarios.play import Stage
from bpp.conformance.scenarios.steps import Scenario
from bpp.conformance.seller import OverOperatorApi
from bpp.conformance.tape import Tape
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.field import Field
from bpp.sandbox.gateway import Gateway
from bpp.sandbox.identities import AGENCY, BPP, BUYER, GATEWAY, SECOND_BUYER, write_registry
from tests.conformance.faulty_seller import FaultySeller, faulty_seller
from tests.support.clock import MONDAY_MORNING
from tests.support.network import OPERATOR_TOKEN, QUICK, prepared, settings_for
from tests.support.sources import ROOT

LAPSING = {"BPP_QUOTE_TTL": "PT3S", "BPP_SLOT_HOLD": "PT3S"}
"""Settings of a server whose quotes and holds lapse while one waits."""

PLAN = read_plan((ROOT / "bpp/conformance/sewamitra.toml").read_text(encoding="utf-8"))
BEHIND_A_PROXY = 8080
"""The port of the settings, on which nobody listens here: the server takes a free one."""
BY_NAME = {one.name: one for one in SCENARIOS}


class RunningClock:
    """A clock that began on a Monday morning, whatever day it is, and goes on like any other."""

    def __init__(self, start: datetime = MONDAY_MORNING) -> None:
        self._start = start
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        """The time as it is now."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)


@dataclass(kw_only=True)
class Ground:
    """The seller under test and what is needed to prove it."""

    seller: FaultySeller
    stage: Stage
    gateway: Gateway

    async def played(
        self,
        *scenarios: Scenario | str,
        domain: str = "",
        budget: float | None = None,
        patience: float | None = None,
        quiet: float | None = None,
        by_gateway: bool = False,
    ) -> tuple[Flow, ...]:
        """The flows of some scenarios, in one domain or in all; ``by_gateway``: searches go by way of the gateway."""
        stage = replace(self.stage, gateway=self.gateway.url) if by_gateway else self.stage
        if domain:
            stage = replace(stage, plan=replace(stage.plan, domains={domain: stage.plan.domains[domain]}))
        if budget is not None:
            stage = replace(stage, budget=budget)
        if patience is not None:
            stage = replace(stage, patience=patience)
        if quiet is not None:
            stage = replace(stage, quiet=quiet)
        wanted = [BY_NAME[one] if isinstance(one, str) else one for one in scenarios]
        flows: tuple[Flow, ...] = ()
        async for event in run(stage, wanted):
            if isinstance(event, Over):
                flows = event.flows
        return flows


@asynccontextmanager
async def proving_ground(
    database_url: str, folder: Path, *, longest_wait: float = 0.0, **more: str
) -> AsyncIterator[Ground]:
    """Start everything; ``more`` are further settings by their environment names."""
    clock = RunningClock()
    registry = folder / "registry.json"
    async with AsyncExitStack() as stack:
        seller = await stack.enter_async_context(faulty_seller(clock=clock))
        members = (BPP.at(seller.url), BUYER.at(seller.backs[0]), SECOND_BUYER.at(seller.backs[1]), GATEWAY)
        write_registry(registry, members)
        agency = await stack.enter_async_context(
            Buyer(registry=registry, participant=AGENCY, bpp_url=seller.url, clock=clock, forgets=False)
        )
        write_registry(registry, (*members, AGENCY.at(agency.url)))
        named = {"BPP_SUBSCRIBER_URI": seller.url, "BPP_FRESHNESS": "on", **settling_with(AGENCY.at(agency.url))}
        settings = settings_for(database_url, registry, BEHIND_A_PROXY, **{**named, **more})
        await prepared(settings)
        app = build_app(settings, clock=clock, limits=QUICK)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        seller.server = f"http://127.0.0.1:{runner.addresses[0][1]}"
        buyers = [
            await stack.enter_async_context(
                Buyer(
                    registry=registry, participant=one, bpp_url=seller.url, public_url=back, clock=clock, forgets=False
                )
            )
            for one, back in zip((BUYER, SECOND_BUYER), seller.backs, strict=True)
        ]
        gateway = await stack.enter_async_context(Gateway(registry=registry, clock=clock))
        seller.buyers = [one.listening_at for one in buyers]
        field = await stack.enter_async_context(Field(bpp_url=seller.server, token=OPERATOR_TOKEN))
        stage = Stage(
            buyer=buyers[0],
            second_buyer=buyers[1],
            tape=Tape([*buyers, agency]),
            agency=agency,
            plan=PLAN,
            people=OverOperatorApi(field),
            budget=30.0,  # of a machine that is busy with other tests
            patience=10.0,
            quiet=0.3,
            longest_wait=longest_wait,
        )
        yield Ground(seller=seller, stage=stage, gateway=gateway)
