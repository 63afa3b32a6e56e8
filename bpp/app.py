"""The composition root: the only place that makes concrete things, and the life of a server process.

``build_app`` makes one aiohttp application out of settings; its resources live in ``cleanup_ctx``, so they stop in
reverse: the loop drains before connections and database close.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import structlog
from aiohttp import web

from bpp.actions.execute import Policy
from bpp.collecting import collect_seldom
from bpp.conformance.scenarios.flows import SCENARIOS
from bpp.console.app import CONSOLE_PATH, console_app
from bpp.console.doorway import DOORWAY, Doorway
from bpp.console.engine.surroundings import SURROUNDINGS
from bpp.console.sandbox_people import add_sandbox_people, sandbox_password
from bpp.context import APP_CONTEXT, AppContext, Life
from bpp.core.catalog_import import store_catalog
from bpp.core.neighbours import follow_neighbours
from bpp.core.sealing import Sealer
from bpp.core.verifying import Rounds
from bpp.delivery.limits import Limits
from bpp.delivery.loop import DeliveryLoop
from bpp.doctor.glance import surroundings_of
from bpp.inbound.admission import Gate, admission_of
from bpp.inbound.docs import add_docs_routes
from bpp.inbound.docs_sections import ShownFlow
from bpp.inbound.door import add_door
from bpp.inbound.health import add_health_routes
from bpp.inbound.onboarding import add_onboarding_routes
from bpp.inbound.pages import add_page_routes
from bpp.inbound.receive import add_routes
from bpp.inbound.rooms import PAGES, ROOM, room_for_pages
from bpp.keys.own import OwnKeys
from bpp.metrics import Metrics
from bpp.network.counted import CountedRegistry
from bpp.network.guard import AddressGuard
from bpp.network.keyring import Keyring
from bpp.network.registry import registry_at
from bpp.network.sms import sender_of
from bpp.network.transport import Transport
from bpp.observability.serving import ended, pusher_of
from bpp.operator.app import operator_app
from bpp.parties.keeping import Differing
from bpp.setting_types import LOGS_KEPT
from bpp.settings import Settings
from bpp.storage.backup import newest_backup
from bpp.storage.engine import open_storage, upgrade
from bpp.storage.ports import Storage, Work
from bpp.tokens import OPERATOR_PATH, kept_token, operator_token_file
from bpp.tracing import Traces
from bpp.watch import Pace, Watch
from bpp.worlds import worlds_of
from catalog.load import DEMO, CatalogData, read_catalog
from signing.sandbox_keys import sandbox_public_keys

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]
IdSource = Callable[[], str]
CONNECTIONS_OUT = 320
"""Connections to peers: more than callbacks can be under way, or one would wait for a connection of another's."""
RECORDED_WITHIN = 3.0
"""Seconds for the database to take what is left to say when a process stops."""


def utc_now() -> datetime:
    """The machine's clock; nothing below this module looks at it."""
    return datetime.now(UTC)


def new_uuid() -> str:
    """A UUID version 4 that begins with its millisecond: 74 bits of it are random, as many as of a version 7.

    The network wants version 4, a database that indexes by our references are written at their end (ADR 49).
    """
    moment = int(utc_now().timestamp() * 1_000)
    return str(uuid.UUID(bytes=moment.to_bytes(6) + secrets.token_bytes(10), version=4))


def build_app(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    new_id: IdSource = new_uuid,
    limits: Limits | None = None,
    opened: Callable[..., Storage] = open_storage,
    pace: Pace | None = None,
    traces: Traces | None = None,
    process: int = 0,
) -> web.Application:
    """The whole server as one application; the database must have its schema (``prepare``).

    ``opened`` opens the storage of the settings' URL. ``process`` is its number among those that share the port.
    Raises ``SettingsProblems`` for a wrong key file.
    """
    app = web.Application(client_max_size=settings.max_body, middlewares=[room_for_pages])
    app[ROOM] = Gate(PAGES, "pages")
    base_path = urlsplit(settings.subscriber_uri).path.rstrip("/")
    keys = OwnKeys(settings)

    async def resources(app: web.Application) -> AsyncIterator[None]:
        guard = AddressGuard(allowed=settings.callback_allow, require_https=not settings.sandbox)
        metrics = Metrics(process)
        storage = opened(settings.database_url, committed=metrics.committed)
        # Its own, and kept: changing a signing or encryption key must not change tokens or addresses of documents.
        secret = await storage.run(lambda work: work.keys.secret("tokens and documents"))
        worlds = worlds_of(settings, clock, new_id, secret)
        async with (
            aiohttp.ClientSession() as session,
            Transport(guard=guard, clock=clock, connections=CONNECTIONS_OUT) as transport,
            pusher_of(settings, storage, clock, metrics) as pusher,
        ):
            registry = registry_at(settings.registry, session, lambda body: keys.header(body, clock()))
            refused = frozenset() if settings.sandbox else sandbox_public_keys()
            loop = DeliveryLoop(
                storage=storage,
                transport=transport,
                signer=keys,
                worlds=worlds,
                clock=clock,
                limits=limits or Limits(lease=settings.delivery_lease),
                metrics=metrics,
                traces=traces,
                sender=(sender := sender_of(settings.sms_url, settings.sms_token, session, printed=settings.sandbox)),
            )
            context = AppContext(
                settings=settings,
                storage=storage,
                worlds=worlds,
                keyring=Keyring(CountedRegistry(registry, metrics), refused_keys=refused),
                policy=Policy(fresh=settings.freshness == "on", skew=settings.clock_skew, grace=settings.ack_grace),
                metrics=metrics,
                traces=traces,
                clock=clock,
                keys=keys,
                release=loop.release,
            )
            app[APP_CONTEXT] = context
            operator[APP_CONTEXT] = context
            console[APP_CONTEXT] = context
            console[DOORWAY] = Doorway(sender)
            console[SURROUNDINGS] = surroundings_of(settings, clock)
            await storage.read(worlds.current)  # a large catalog takes seconds: not those of the first buyer
            collect_seldom()
            watch = Watch(
                storage=storage,
                worlds=worlds,
                metrics=metrics,
                clock=clock,
                newest_backup=lambda: newest_backup(settings.backups),
                counts=process == 0,
                pace=pace or Pace(),
                sealer=Sealer(storage, new_id()),
                rounds=Rounds(storage, LOGS_KEPT),
            )
            running = asyncio.create_task(loop.run(), name="delivery")
            running.add_done_callback(lambda _: _delivery_ended(context.life))
            reads = {
                asyncio.create_task(watch.run(), name="watch"),
                asyncio.create_task(follow_neighbours(storage, worlds, loop.wake), name="neighbours"),
            }
            pushing = asyncio.create_task(pusher.run(), name="observability")
            yield
            for one in reads:
                one.cancel()
            context.life.draining = True
            loop.stop()
            pusher.stop()
            within = settings.drain_timeout
            await asyncio.gather(finished(running, loop, transport, within), ended(pushing, within))
            # Their reads must have ended before the threads that do them do, or nobody would ever tell them.
            await asyncio.wait(reads, timeout=RECORDED_WITHIN)
        await closed(storage)
        if traces is not None:
            await asyncio.to_thread(traces.close)

    operator, console = operator_app(), console_app()
    app.cleanup_ctx.append(resources)
    app.on_response_prepare.append(_say_goodbye)
    add_routes(app, base_path, admission_of(settings))
    add_onboarding_routes(app, base_path)
    add_health_routes(app)
    add_page_routes(app, base_path)
    add_docs_routes(app, base_path, proved_flows())
    app.add_subapp(OPERATOR_PATH, operator)
    app.add_subapp(CONSOLE_PATH, console)
    add_door(app, sandbox=settings.sandbox)
    return app


async def _say_goodbye(request: web.Request, response: web.StreamResponse) -> None:
    """Who is answered by a process that is about to stop shall not send the next request to it."""
    if request.app[APP_CONTEXT].life.draining:
        response.force_close()
        response.headers["Connection"] = "close"


def _delivery_ended(life: Life) -> None:
    """Without its delivery loop a process acknowledges and never answers: it must not go on."""
    if not life.draining:
        log.critical("delivery_ended")
        life.failed.set()


async def finished(running: asyncio.Task[None], loop: DeliveryLoop, transport: Transport, within: timedelta) -> None:
    """Let what is being delivered end; what has not after ``within`` is cut off, and due again at once for others."""
    await asyncio.wait({running}, timeout=within.total_seconds())
    if not running.done():
        log.warning("deliveries_cut")
        loop.cut()
        await transport.close()
        await asyncio.wait({running}, timeout=RECORDED_WITHIN)
    running.cancel()
    await asyncio.wait({running}, timeout=RECORDED_WITHIN)


async def closed(storage: Storage) -> None:
    """Close the database; one that hangs is left as it is."""
    try:
        async with asyncio.timeout(RECORDED_WITHIN):
            await storage.close()
    except TimeoutError:
        log.warning("database_left_open")


def proved_flows() -> tuple[ShownFlow, ...]:
    """The flows that `bpp conformance` plays against us, for the page that says what we support."""
    return tuple(
        ShownFlow(
            name=one.name,
            title=one.title,
            steps=tuple(f"{step.name}: {step.waits_for}" if step.waits_for else step.name for step in one.steps),
        )
        for one in SCENARIOS
    )


async def prepare(settings: Settings) -> None:
    """Bring the schema up to date, and fill an empty database with the catalog of the settings."""
    await upgrade(settings.database_url)
    storage = open_storage(settings.database_url)
    try:
        if await storage.read(lambda work: work.directory.version()) == 0:
            data = read_catalog(Path(settings.catalog) if settings.catalog else DEMO)
            await seed(storage, data, unless_filled=True)
    finally:
        await storage.close()


async def prepare_people(settings: Settings) -> None:
    """In the sandbox, have somebody of each role who can sign in to the console."""
    storage = open_storage(settings.database_url)
    try:
        await add_sandbox_people(storage, sandbox_password(settings.database_url), utc_now())
    finally:
        await storage.close()


async def seed(
    storage: Storage,
    data: CatalogData,
    stored: Callable[[int], None] = lambda _: None,
    *,
    standing: bool = False,
    unless_filled: bool = False,
) -> tuple[Differing, ...]:
    """Store a catalog in one transaction as ``store_catalog`` does; ``stored`` is told how many values are in.

    ``unless_filled``: of several that start at once with an empty database the first fills it.
    """

    async def unit(work: Work) -> tuple[Differing, ...]:
        await work.directory.lock()
        if unless_filled and await work.directory.version() != 0:
            return ()
        return await store_catalog(data, stored, work, utc_now(), standing=standing)

    found = await storage.run(unit)
    log.info("catalog_seeded", providers=len(data.providers), offerings=len(data.offerings), workers=len(data.workers))
    return found


def with_operator_token(settings: Settings) -> tuple[Settings, bool]:
    """In the sandbox, settings with an operator token: the one kept beside the database, or a new one (then True)."""
    if settings.operator_token or settings.operator_tokens or not settings.sandbox:
        return settings, False
    token, made = kept_token(operator_token_file(settings.database_url))
    return settings.model_copy(update={"operator_token": token}), made
