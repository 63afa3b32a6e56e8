"""The doctor at running deployments: a healthy one has nothing, and each planted fault gives its line and its number."""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from bpp.app import utc_now
from bpp.doctor.database import judge as judge_database
from bpp.doctor.database import judge_server
from bpp.doctor.examine import Probe, carried_out, examine
from bpp.doctor.finding import NUMBERS, Finding, State, healthy
from bpp.doctor.machine import Machine
from bpp.doctor.machine import judge as judge_machine
from bpp.doctor.tls import Handshake, shake_hands
from bpp.doctor.tls import judge as judge_tls
from bpp.keys.moves import begin, switch
from bpp.keys.own import changing
from bpp.sandbox.identities import BPP, registry_records
from bpp.storage.backup import back_up
from bpp.storage.condition import Condition, condition
from bpp.storage.engine import upgrade
from signing.keys import (
    encode_private_key,
    encode_public_key,
    generate_encryption_key,
    generate_signing_key,
)
from tests.bpp.cli.conftest import Bpp
from tests.bpp.doctor.conftest import Deployment
from tests.support.certificates import an_authority
from tests.support.effects import rows
from tests.support.fake_registry import RegistryServer
from tests.support.network import free_port
from tests.support.sources import ROOT

OTHER_SIGNING, OTHER_ENCRYPTION = generate_signing_key(), generate_encryption_key()
Plant = Callable[[Deployment], Any]


@dataclass(frozen=True)
class Planted:
    """What is wrong with a deployment: the probe that must find it, its line, its numbers."""

    name: str
    probe: str
    line: str
    numbers: tuple[str, ...]
    plant: Plant
    state: State = State.FAILURE
    says: str = ""


def record(**changes: Any) -> Plant:
    return lambda deployment: deployment.edit_own(lambda one: one.update(changes))


def told(**settings: str) -> Plant:
    """The doctor's settings are others than the server's."""
    return lambda deployment: deployment.also.update({f"BPP_{name.upper()}": value for name, value in settings.items()})


def clock(**ahead: float) -> Plant:
    def plant(deployment: Deployment) -> None:
        deployment.clock = lambda: utc_now() + timedelta(**ahead)

    return plant


def wire(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def callback(url: str, **settings: str) -> Plant:
    def plant(deployment: Deployment) -> None:
        deployment.callback = url
        told(**settings)(deployment)

    return plant


def database(url: str) -> Plant:
    return told(database_url=url)


def nowhere(deployment: Deployment) -> None:
    told(subscriber_uri=f"http://127.0.0.1:{free_port()}")(deployment)


def rotation_unknown_to_the_server(deployment: Deployment) -> None:
    told(key_file=str(deployment.registry.with_name("keys.json")))(deployment)
    with changing(deployment.settings) as changed:
        changed.put(
            begin(
                changed.keys,
                unique_key_id="key-2",
                signing_key=OTHER_SIGNING,
                encryption_key=OTHER_ENCRYPTION,
                request_id=deployment.settings.site_request_id,
                now=utc_now(),
                valid_for=timedelta(days=1),
            )
        )


def readable_key_file(deployment: Deployment) -> None:
    rotation_unknown_to_the_server(deployment)
    Path(deployment.also["BPP_KEY_FILE"]).chmod(0o644)


OWN_KEYS = ("131", "132")
PLANTED = [
    Planted("nobody knows us", "registry", "registry record", ("1000", "132", "144"), Deployment.drop_own),
    Planted("another ukId", "registry", "ukId", ("1010",), record(ukId="key-9", br_id="key-9"), says="key-9"),
    Planted("only whitelisted", "registry", "status", ("1000",), record(status="WHITELISTED")),
    Planted("a bad certificate once", "registry", "status", ("132",), record(status="INVALID_SSL")),
    Planted(
        "another signing key", "registry", "signing_public_key", ("1045", "130"),
        record(signing_public_key=encode_public_key(OTHER_SIGNING)),
    ),
    Planted(
        "another encryption key", "registry", "encr_public_key", OWN_KEYS,
        record(encr_public_key=encode_public_key(OTHER_ENCRYPTION)),
    ),
    Planted("no encryption key", "registry", "encr_public_key", OWN_KEYS, record(encr_public_key="")),
    Planted("another URL", "registry", "subscriber_url", ("132",), record(subscriber_url="https://elsewhere.example")),
    Planted("no URL", "registry", "subscriber_url", ("132",), record(subscriber_url=None), says="nothing"),
    Planted("a buyer app", "registry", "type", ("132",), record(type="BAP")),
    Planted(
        "a domain less", "registry", "domain", ("1065",), lambda one: one.drop_own("ONDC:SRV12"), says="ONDC:SRV12"
    ),
    Planted(
        "Indian time", "registry", "valid_from", ("1045",), record(valid_from=wire(utc_now() + timedelta(hours=5))),
        says="Indian time",
    ),
    Planted("not begun", "registry", "valid_from", ("1045",), record(valid_from=wire(utc_now() + timedelta(days=9)))),
    Planted("ended", "registry", "valid_until", ("1045",), record(valid_until=wire(utc_now() - timedelta(days=1)))),
    Planted(
        "ends soon", "registry", "valid_until", ("1045",), record(valid_until=wire(utc_now() + timedelta(days=29))),
        state=State.WARNING,
    ),
    Planted("no registry", "registry", "registry", ("31001",), told(registry=f"http://127.0.0.1:{free_port()}")),
    Planted("ten seconds ahead", "clock", "clock of our own server", ("132", "1045"), clock(seconds=10)),
    Planted("ten seconds behind", "clock", "clock of our own server", ("30016",), clock(seconds=-10)),
    Planted("six minutes behind", "clock", "clock of our own server", ("132", "1035"), clock(minutes=-6)),
    Planted("nearly four ahead", "clock", "clock of our own server", ("1045",), clock(seconds=3.9), state=State.WARNING),
    Planted("nobody serves the page", "site", "site verification", ("129", "132"), nowhere, says="Cannot connect"),
    Planted(
        "the page by another key", "site", "site verification", ("130", "132"),
        told(signing_key=encode_private_key(OTHER_SIGNING)),
    ),
    Planted(
        "the page for another request", "site", "site verification", ("130", "132"),
        told(site_request_id="another"), says="another signed with",
    ),
    Planted(
        "the page by the pair before", "site", "site verification", ("130", "132"), rotation_unknown_to_the_server,
        says="signed with sandbox-bpp-1",
    ),
    Planted("nobody answers challenges", "on_subscribe", "on_subscribe", OWN_KEYS, nowhere),
    Planted(
        "a challenge for another key", "on_subscribe", "on_subscribe", OWN_KEYS,
        told(encryption_key=encode_private_key(OTHER_ENCRYPTION)),
    ),
    Planted("others read the key file", "keys", "key file", (), readable_key_file, state=State.WARNING),
    Planted(
        "a closed port", "callback", "callback", ("20009",),
        callback(f"http://127.0.0.1:{free_port()}"), says="connection",
    ),
    Planted(
        "a private address", "callback", "callback", ("20009",), callback("http://10.1.2.3/x"), says="forbidden_url",
    ),
    Planted(
        "a name of a private address", "callback", "callback", ("20009",),
        lambda one: callback(f"http://localhost:{one.settings.port}/on_search", callback_allow="[]")(one),
        says="forbidden_address",
    ),
    Planted("no URL of a buyer", "callback", "callback", ("20009",), callback("ftp://buyer.example")),
    Planted(
        "no database", "database", "database", ("31001",), database("sqlite+aiosqlite:////nowhere/bpp.db"),
        says="no such file",
    ),
    Planted("nobody answers in five seconds", "budget", "five seconds", ("20009",), nowhere),
]  # fmt: skip


def of(findings: list[Finding], line: str) -> list[Finding]:
    return [one for one in findings if one.name == line]


def without_machine(findings: list[Finding]) -> list[Finding]:
    """Those that do not depend on what machine the tests run on."""
    own = {"clock of this machine", "open files", "cores", "backup", "room for backups"}
    return [one for one in findings if one.name not in own]


async def test_a_sandbox_in_good_health_has_no_failure_and_no_warning(sandbox: Deployment) -> None:
    async with sandbox.ground() as ground:
        findings = without_machine(await examine(ground))

    assert {one.state for one in findings} == {State.OK, State.NOT_RUN}, findings
    assert [one.name for one in findings if one.state is State.NOT_RUN] == ["tls", "network observability"]
    assert {"registry record", "site verification", "on_subscribe", "callback", "database", "five seconds"} <= {
        one.name for one in findings
    }


async def test_a_deployment_outside_the_sandbox_in_good_health_has_none_either(preprod: Deployment) -> None:
    async with preprod.ground() as ground:
        findings = without_machine(await examine(ground))

    assert {one.state for one in findings} == {State.OK, State.NOT_RUN}, findings
    assert [one.name for one in findings if one.state is State.NOT_RUN] == ["network observability"]
    (served,) = of(findings, "on_subscribe")
    assert "refuses what it cannot open" in served.text
    (measured,) = of(findings, "five seconds")
    assert "a signature made and verified" in measured.text
    (reached,) = of(findings, "callback")
    assert "it is our own, a buyer app's is tried with --callback" in reached.text


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
async def test_a_planted_fault_gives_its_line_and_the_number_it_would_cause(
    sandbox: Deployment, planted: Planted
) -> None:
    planted.plant(sandbox)

    found = of(await sandbox.findings(planted.probe), planted.line)

    assert [(one.state, one.numbers) for one in found] == [(planted.state, planted.numbers)], found
    assert planted.says in found[0].text
    assert found[0].advice


async def test_a_key_that_a_lost_key_file_would_bring_back_is_a_warning(preprod: Deployment) -> None:
    preprod.also["BPP_KEY_FILE"] = str(preprod.registry.with_name("keys.json"))
    rotation_unknown_to_the_server(preprod)
    assert not of(await preprod.findings("keys"), "key of the settings")
    with changing(preprod.settings) as changed:
        changed.put(switch(changed.keys, utc_now()))

    (found,) = of(await preprod.findings("keys"), "key of the settings")

    assert (found.state, "own-1 would sign" in found.text) == (State.WARNING, True)
    for name in ("SIGNING_KEY", "ENCRYPTION_KEY", "UNIQUE_KEY_ID"):
        del preprod.environ[f"BPP_{name}"]
    assert not of(await preprod.findings("keys"), "key of the settings")


async def test_an_own_address_that_is_private_from_here_says_nothing_of_callbacks(preprod: Deployment) -> None:
    preprod.also["BPP_CALLBACK_ALLOW"] = "[]"

    (found,) = await preprod.findings("callback")

    assert (found.state, "is tried with --callback" in found.text) == (State.NOT_RUN, True)


async def test_a_buyer_app_under_the_same_id_is_no_fault(sandbox: Deployment) -> None:
    records = orjson.loads(sandbox.registry.read_bytes())
    own = [one for one in records if one["type"] == "BPP"]
    sandbox.registry.write_bytes(orjson.dumps([*records, {**own[0], "type": "BAP", "subscriber_url": None}]))

    assert [one.state for one in await sandbox.findings("registry")] == [State.OK]


async def test_what_one_probe_cannot_do_is_said_and_stops_no_other(sandbox: Deployment) -> None:
    sandbox.registry.write_bytes(b"no registry")
    async with sandbox.ground() as ground:
        findings = await examine(ground)

    (broken,) = of(findings, "registry")
    assert (broken.state, "could not be carried out: RegistryFileError" in broken.text) == (State.FAILURE, True)
    assert of(findings, "site verification")[0].state is State.OK
    assert of(findings, "database")[0].state is State.OK
    assert not healthy(findings)


async def test_a_probe_that_hangs_ends_and_says_so(sandbox: Deployment) -> None:
    async def for_ever(_ground: object) -> list[Finding]:
        await asyncio.Event().wait()
        return []

    async with sandbox.ground() as ground:
        (found,) = await carried_out(Probe("hanging", for_ever, seconds=0.01), ground)

    assert (found.name, found.state) == ("hanging", State.FAILURE)


# A live registry


@asynccontextmanager
async def live_registry(deployment: Deployment) -> AsyncIterator[RegistryServer]:
    records = registry_records((BPP.at(deployment.settings.subscriber_uri),))
    async with RegistryServer(*records, caller_public_key=BPP.key.public_key) as registry:
        deployment.also["BPP_REGISTRY"] = registry.url.rstrip("/")
        yield registry


async def test_a_live_registry_is_asked_by_a_signed_look_up_and_its_clock_read(sandbox: Deployment) -> None:
    async with live_registry(sandbox) as registry:
        asked = await sandbox.findings("registry")
        read = await sandbox.findings("clock")

    assert [(one.name, one.state) for one in asked] == [("registry record", State.OK)]
    assert registry.requests == [{"subscriber_id": BPP.subscriber_id, "country": "IND"}]
    assert [one.name for one in read] == ["clock of the registry", "clock of our own server"]


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [((401, b'{"message":{"ack":{"status":"NACK"}},"error":{"code":"1015"}}'), ("1015",)), ((500, b""), ("31001",))],
)
async def test_a_registry_that_refuses_or_fails_is_named_with_its_own_number(
    sandbox: Deployment, answer: tuple[int, bytes], numbers: tuple[str, ...]
) -> None:
    async with live_registry(sandbox) as registry:
        registry.answer = (*answer, 0.0)
        (found,) = await sandbox.findings("registry")

    assert (found.name, found.state, found.numbers) == ("registry", State.FAILURE, numbers)


# Outside the sandbox


async def test_a_page_that_another_server_answers_is_a_failure(preprod: Deployment, tmp_path: Path) -> None:
    async def elsewhere(_request: web.Request) -> web.Response:
        return web.Response(text="<html>welcome</html>", content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", elsewhere)
    async with tls_server(app, preprod.authority.server(tmp_path)) as port:
        preprod.also |= {"BPP_SUBSCRIBER_ID": f"localhost:{port}"}
        page = await preprod.findings("site")
        challenge = of(await preprod.findings("on_subscribe"), "on_subscribe")

    assert [(one.state, one.numbers) for one in page] == [(State.FAILURE, ("129", "132")), (State.OK, ())]
    assert [(one.state, one.numbers) for one in challenge] == [(State.FAILURE, ("131", "132"))]


async def test_a_key_of_the_registry_that_has_changed_is_a_warning(preprod: Deployment) -> None:
    preprod.also["BPP_REGISTRY_ENCRYPTION_KEYS"] = encode_public_key(OTHER_ENCRYPTION)

    (found,) = of(await preprod.findings("on_subscribe"), "the registry's encryption keys")

    assert (found.state, found.numbers) == (State.WARNING, ("131", "132"))


async def test_a_server_that_does_not_run_is_said_by_every_probe_that_needs_it(preprod: Deployment) -> None:
    host = f"localhost:{free_port()}"
    preprod.also |= {"BPP_SUBSCRIBER_ID": host, "BPP_SUBSCRIBER_URI": f"https://{host}"}
    async with preprod.ground() as ground:
        findings = await examine(ground)

    failed = {one.name for one in findings if one.state is State.FAILURE}
    assert {"registry record", "site verification", "on_subscribe", "callback", "five seconds"} <= failed
    assert any(name.startswith("tls") for name in failed)
    assert of(findings, "database")[0].state is State.OK


# TLS


@asynccontextmanager
async def tls_server(app: web.Application, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


Certificate = Callable[[Path], ssl.SSLContext | None]
AUTHORITY, STRANGER = an_authority(), an_authority("Strange Authority")
HANDSHAKES: dict[str, tuple[Certificate, State, str]] = {
    "good": (AUTHORITY.server, State.OK, "TLSv1.3"),
    "expired": (lambda folder: AUTHORITY.server(folder, days=-1), State.FAILURE, "expired"),
    "of nobody": (STRANGER.server, State.FAILURE, "unable to get local issuer"),
    "self-made": (lambda folder: AUTHORITY.server(folder, self_made=True), State.FAILURE, "self"),
    "of another host": (lambda folder: AUTHORITY.server(folder, "other.example"), State.FAILURE, "localhost"),
    "that ends soon": (lambda folder: AUTHORITY.server(folder, days=29), State.WARNING, "ends at"),
    "without OCSP": (lambda folder: AUTHORITY.server(folder, ocsp=False), State.WARNING, "OCSP"),
    "none": (lambda _folder: None, State.FAILURE, "SSL"),
}


@pytest.mark.parametrize("name", HANDSHAKES)
async def test_a_certificate_is_judged_as_the_registry_would(name: str, tmp_path: Path) -> None:
    certificate, state, said = HANDSHAKES[name]
    async with tls_server(web.Application(), certificate(tmp_path)) as port:
        seen = await shake_hands("localhost", port, AUTHORITY.trust())

    findings = list(judge_tls(seen, utc_now()))

    worst = [one for one in findings if one.state is not State.OK] or findings
    assert [(one.state, said in one.text) for one in worst] == [(state, True)], findings
    assert all(one.numbers == ("132",) for one in findings if one.state is not State.OK)


def test_an_old_version_of_tls_is_a_failure() -> None:
    good = Handshake(host="bpp.example.in", version="TLSv1.3", ends=datetime(2036, 1, 1, tzinfo=UTC), ocsp=("x",))

    assert [one.state for one in judge_tls(good, utc_now())] == [State.OK]
    assert [one.state for one in judge_tls(replace(good, version="TLSv1.1"), utc_now())] == [State.FAILURE]


# Databases


async def test_a_database_is_opened_and_written_and_nothing_stays_in_it(database_url: str) -> None:
    bare = await condition(database_url)
    await upgrade(database_url)
    before = await rows(database_url)

    first, second = await condition(database_url), await condition(database_url)

    assert not bare.writable
    assert (first.writable, first.problem, first.revision) == (True, "", first.head)
    assert second.writable
    assert await rows(database_url) == before
    assert (first.journal, first.free is not None) == (("wal", True) if "sqlite" in database_url else (None, False))


async def test_a_database_that_is_behind_its_schema_is_to_be_upgraded(sandbox: Deployment, tmp_path: Path) -> None:
    empty = tmp_path / "empty.sqlite3"
    empty.touch()
    database(f"sqlite+aiosqlite:///{empty}")(sandbox)

    (found,) = await sandbox.findings("database")

    assert (found.state, found.numbers, found.advice) == (State.FAILURE, ("31001",), "bpp db upgrade")


async def test_a_file_that_is_no_database_is_a_failure(sandbox: Deployment, tmp_path: Path) -> None:
    (tmp_path / "text.sqlite3").write_bytes(os.urandom(4096))
    database(f"sqlite+aiosqlite:///{tmp_path / 'text.sqlite3'}")(sandbox)

    found = of(await sandbox.findings("database"), "database")

    assert [(one.state, "not a database" in one.text) for one in found] == [(State.FAILURE, True)]


async def test_a_database_server_that_is_not_there_is_a_failure(sandbox: Deployment) -> None:
    database(f"postgresql+asyncpg://nobody:secret@127.0.0.1:{free_port()}/none")(sandbox)

    (found,) = await sandbox.findings("database")

    assert (found.state, found.numbers) == (State.FAILURE, ("31001",))
    assert "secret" not in found.text


async def test_a_database_server_that_may_lose_what_was_acknowledged_is_a_failure(
    sandbox: Deployment, postgres_url: str
) -> None:
    await upgrade(postgres_url)
    database(postgres_url)(sandbox)

    found = of(await sandbox.findings("database"), "database settings")  # that of the tests does not mind power cuts

    lost = [one.text for one in found if one.state is State.FAILURE]
    assert [text.partition(" ")[0] for text in lost] == ["fsync", "full_page_writes", "synchronous_commit"]
    assert found[-1].text.startswith("1 processes open up to 11 connections")


GOOD = Condition(settings={"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
                           "max_connections": "100", "superuser_reserved_connections": "3"})  # fmt: skip


@pytest.mark.parametrize(("workers", "state"), [(4, State.OK), (5, State.WARNING), (9, State.FAILURE)])
def test_connections_of_all_processes_must_fit(workers: int, state: State) -> None:
    assert [one.state for one in judge_server(GOOD, workers)] == [state]


def test_a_log_that_only_grows_is_a_warning() -> None:
    whole = Condition(revision="1", head="1", writable=True, journal="wal", free=1 << 40)

    assert [one.state for one in judge_database(whole)] == [State.OK]
    found = list(judge_database(replace(whole, log=2 << 30)))
    assert [(one.name, one.state) for one in found[1:]] == [("database log", State.WARNING)]


# The machine

WELL = Machine(cores=2, files=65536, synchronised=True)
MACHINES = {
    "well": (WELL, "", State.OK),
    "a clock that nobody keeps": (replace(WELL, synchronised=False), "clock of this machine", State.WARNING),
    "a kernel that says nothing": (replace(WELL, synchronised=None), "clock of this machine", State.NOT_RUN),
    "some files": (replace(WELL, files=1024), "open files", State.WARNING),
    "few files": (replace(WELL, files=256), "open files", State.FAILURE),
    "fewer cores than processes": (replace(WELL, cores=1), "cores", State.WARNING),
    "no backup": (replace(WELL, backups="b"), "backup", State.FAILURE),
    "a backup of today": (replace(WELL, backups="b", backup=utc_now()), "backup", State.OK),
    "one of yesterday": (replace(WELL, backups="b", backup=utc_now() - timedelta(hours=27)), "backup", State.WARNING),
    "one of last week": (replace(WELL, backups="b", backup=utc_now() - timedelta(days=8)), "backup", State.FAILURE),
    "one that cannot be read": (replace(WELL, backups="b", broken="no backup"), "backup", State.FAILURE),
    "no room for another": (replace(WELL, backup_room=1 << 20), "room for backups", State.WARNING),
}


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_judged_by_what_it_has(name: str) -> None:
    seen, line, state = MACHINES[name]
    findings = list(judge_machine(seen, 2, utc_now()))

    if line:
        assert [one.state for one in findings if one.name == line] == [state]
    others = [one for one in findings if one.name != line and one.state is not State.OK]
    assert {one.name for one in others} <= {"backup"}
    assert all(one.advice for one in findings if one.state in {State.WARNING, State.FAILURE})


async def test_the_machine_is_looked_at_and_its_newest_backup_found(sandbox: Deployment, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    told(backups=str(folder))(sandbox)
    assert [one.state for one in of(await sandbox.findings("machine"), "backup")] == [State.FAILURE]
    made, _ = await back_up(sandbox.settings.database_url, folder, utc_now())

    found = await sandbox.findings("machine")

    assert [one.state for one in of(found, "backup")] == [State.OK]
    assert {"clock of this machine", "open files", "cores"} <= {one.name for one in found}
    (made / "manifest.json").unlink()
    assert [one.state for one in of(await sandbox.findings("machine"), "backup")] == [State.FAILURE]


# The program


async def test_the_program_prints_a_line_for_each_finding_and_ends_with_0_where_nothing_failed(
    sandbox: Deployment, environment: pytest.MonkeyPatch, bpp: Bpp
) -> None:
    for name, value in sandbox.environ.items():
        environment.setenv(name, value)

    said = await asyncio.to_thread(bpp, "doctor")
    document = (await asyncio.to_thread(bpp, "doctor", "--json")).json

    assert said.status == 0, said
    assert f"ok       registry record: {BPP.subscriber_id} with {BPP.unique_key_id} is as we are" in said.out
    assert document["healthy"]
    assert document["counts"]["failure"] == 0
    assert {"name", "state", "text", "numbers", "advice"} == set(document["findings"][0])


async def test_the_program_says_what_a_failure_causes_and_what_to_do_and_ends_with_1(
    sandbox: Deployment, environment: pytest.MonkeyPatch, bpp: Bpp
) -> None:
    sandbox.edit_own(lambda one: one.update(status="WHITELISTED"))
    for name, value in sandbox.environ.items():
        environment.setenv(name, value)

    said = await asyncio.to_thread(bpp, "doctor", "--callback", f"http://127.0.0.1:{free_port()}/ondc")

    assert said.status == 1
    assert "failure  status: WHITELISTED; SUBSCRIBED is expected" in said.out
    assert "         causes 1000: subscriber not found" in said.out
    assert "         to do: /subscribe, and answer the challenge" in said.out
    assert "failure  callback: " in said.out


@pytest.mark.parametrize(
    ("name", "value", "numbers"),
    [
        ("BPP_SIGNING_KEY", base64.b64encode(bytes(64)).decode(), ["130", "1045"]),  # halves that disagree
        ("BPP_ENCRYPTION_KEY", encode_private_key(OTHER_SIGNING), ["131", "132"]),  # swapped
        ("BPP_KEY_FILE", str(ROOT / "registry.json"), ["130", "131", "1045"]),
        ("BPP_PORT", "many", []),
    ],
    ids=["halves that disagree", "keys swapped", "no key file", "no port"],  # a key is another one in each process
)
def test_settings_that_do_not_load_are_findings_too_and_end_with_2(
    environment: pytest.MonkeyPatch, bpp: Bpp, name: str, value: str, numbers: list[str]
) -> None:
    environment.setenv(name, value)

    said = bpp("doctor", "--json")

    assert said.status == 2
    assert [(one["name"], one["numbers"]) for one in said.json["findings"]] == [("settings", numbers)]
    assert name in said.json["findings"][0]["text"]


def test_every_number_that_a_planted_fault_names_is_explained() -> None:
    assert {number for planted in PLANTED for number in planted.numbers} <= NUMBERS.keys()
