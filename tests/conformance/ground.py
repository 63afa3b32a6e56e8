"""Where sellers are proven in tests: the real server behind a program that plants faults, and buyers before it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from bpp.app import build_app, prepare
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
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, SECOND_BUYER, write_registry
from tests.conformance.faulty_seller import FaultySeller, faulty_seller
from tests.support.clock import MONDAY_MORNING
from tests.support.network import OPERATOR_TOKEN, QUICK, free_port, settings_for
from tests.support.sources import ROOT

LAPSING = {"BPP_QUOTE_TTL": "PT1S", "BPP_SLOT_HOLD": "PT1S"}
"""Settings of a server whose quotes and holds lapse while one waits."""

PLAN = read_plan((ROOT / "bpp/conformance/sewamitra.toml").read_text(encoding="utf-8"))
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

    async def played(
        self, *scenarios: Scenario | str, domain: str = "", budget: float | None = None
    ) -> tuple[Flow, ...]:
        """The flows of some scenarios, in one domain or in all."""
        stage = self.stage
        if domain:
            stage = replace(stage, plan=replace(stage.plan, domains={domain: stage.plan.domains[domain]}))
        if budget is not None:
            stage = replace(stage, budget=budget)
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
    port = free_port()
    async with AsyncExitStack() as stack:
        seller = await stack.enter_async_context(faulty_seller(server=f"http://127.0.0.1:{port}", clock=clock))
        members = (BPP.at(seller.url), BUYER.at(seller.backs[0]), SECOND_BUYER.at(seller.backs[1]), GATEWAY)
        write_registry(registry, members)
        settings = settings_for(database_url, registry, port, BPP_SUBSCRIBER_URI=seller.url, **more)
        await prepare(settings)
        app = build_app(settings, clock=clock, limits=QUICK)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        buyers = [
            await stack.enter_async_context(
                Buyer(registry=registry, participant=one, bpp_url=seller.url, public_url=back, clock=clock)
            )
            for one, back in zip((BUYER, SECOND_BUYER), seller.backs, strict=True)
        ]
        seller.buyers = [one.listening_at for one in buyers]
        field = await stack.enter_async_context(Field(bpp_url=f"http://127.0.0.1:{port}", token=OPERATOR_TOKEN))
        stage = Stage(
            buyer=buyers[0],
            second_buyer=buyers[1],
            tape=Tape(buyers),
            plan=PLAN,
            people=OverOperatorApi(field),
            budget=30.0,  # of a machine that is busy with other tests
            patience=10.0,
            quiet=0.3,
            longest_wait=longest_wait,
        )
        yield Ground(seller=seller, stage=stage)
