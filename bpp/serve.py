"""The life of a server: one process or several on one port, with the sandbox's buyer app and gateway beside them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import structlog
import uvloop
from aiohttp import web

from bpp.app import build_app, prepare, with_operator_token
from bpp.logs import configure_logs
from bpp.metrics import join, shared
from bpp.sandbox.serve import start_sandbox
from bpp.settings import Settings
from bpp.tracing import traces_by_environment

log = structlog.get_logger(__name__)
STOP_WITHIN = 15.0  # seconds a process gets to finish what is under way


def serve(settings: Settings) -> int:
    """Migrate, seed, listen until SIGINT or SIGTERM; returns the exit status."""
    settings, new_token = with_operator_token(settings)
    configure_logs(settings.log_level, json=settings.json_logs)
    uvloop.run(prepare(settings))
    if settings.sandbox:
        print(banner(settings, new_token=new_token), flush=True)  # noqa: T201  for the person who started it
    if settings.workers == 1:
        return uvloop.run(_serve_one(settings, with_sandbox=settings.sandbox))
    with shared():
        return _serve_many(settings)


async def _serve_one(settings: Settings, *, with_sandbox: bool, shared_port: bool = False, process: int = 0) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(listening(settings, shared_port=shared_port, process=process))
        if with_sandbox:
            await stack.enter_async_context(
                start_sandbox(
                    Path(settings.registry),
                    host=settings.host,
                    buyer_port=settings.sandbox_buyer_port,
                    gateway_port=settings.sandbox_gateway_port,
                    bpp_url=settings.subscriber_uri,
                    operator_token=settings.operator_token,
                )
            )
        log.info("server_started", pid=os.getpid(), host=settings.host, port=settings.port)
        await stop.wait()
        log.info("server_stopping", pid=os.getpid())
    return 0


@asynccontextmanager
async def listening(settings: Settings, *, shared_port: bool = False, process: int = 0) -> AsyncIterator[int]:
    """A running server; gives the port it listens on."""
    app = build_app(settings, process=process, traces=traces_by_environment())
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port, reuse_port=shared_port or None)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _serve_many(settings: Settings) -> int:
    """One parent that watches; ``workers`` children that share the port. A child that dies is started again."""
    context = multiprocessing.get_context("spawn")
    stopping = False

    def start(number: int) -> BaseProcess:
        child = context.Process(target=_child, args=(settings, number), name=f"bpp-{number}")
        child.start()
        return child

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    children = [start(number) for number in range(settings.workers)]
    while not stopping:
        for index, child in enumerate(children):
            child.join(timeout=0.2)
            if child.exitcode is not None and not stopping:
                log.error("server_process_died", pid=child.pid, exitcode=child.exitcode)
                children[index] = start(index)
    for child in children:
        if child.pid is not None and child.is_alive():
            os.kill(child.pid, signal.SIGTERM)
    for child in children:
        child.join(timeout=STOP_WITHIN)
    return 0


def _child(settings: Settings, number: int) -> None:
    configure_logs(settings.log_level, json=settings.json_logs, process=number)
    join(number)
    first = settings.sandbox and number == 0
    sys.exit(uvloop.run(_serve_one(settings, with_sandbox=first, shared_port=True, process=number)))


def banner(settings: Settings, *, new_token: bool) -> str:
    """What a person who has just started the sandbox wants to know."""
    base = f"http://{settings.host}:{settings.port}"
    lines = [
        f"Sewamitra BPP ({settings.env}) on {base}",
        f"  operator API    {base}/api/v1/ (description: {base}/api/v1/openapi.json)",
        f"  metrics         {base}/metrics",
        f"  health          {base}/health/ready",
        f"  sandbox buyer   http://{settings.host}:{settings.sandbox_buyer_port} (bpp buyer --help)",
        f"  sandbox gateway http://{settings.host}:{settings.sandbox_gateway_port}",
        f"  for buyer apps  {settings.subscriber_uri.rstrip('/')}/docs (what we support, examples, how to join)",
    ]
    if new_token:
        lines.append(f"  operator token  {settings.operator_token} (kept beside the database)")
    return "\n".join([*lines, "Ctrl-C stops it."])
