"""What the registry asks of us: challenges, the site verification page, and life under a subscriber path."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bpp.sandbox import journey
from bpp.sandbox.gateway import Gateway
from bpp.sandbox.identities import BPP
from signing.challenge import make_challenge
from signing.keys import EncryptionKey, generate_encryption_key
from signing.sandbox_keys import sandbox_encryption_key
from tests.support.clock import FakeClock
from tests.support.conversation import check_conversation
from tests.support.effects import audit_log, rows
from tests.support.network import Network, otp_of, running_network

Json = dict[str, Any]

OWN = "bpp.sandbox.example"
PAGE = "ondc-site-verification.html"
ANSWER = "6f1c1c1e-0b3a-4b58-9a55-5a3c1b0d7c11"
REGISTRY = sandbox_encryption_key("registry")
OLD_REGISTRY = generate_encryption_key()
FORMER = generate_encryption_key()
CONTENT = re.compile(r"<meta name='ondc-site-verification' content='([^']+)' />")
PER_MINUTE = 30


@pytest.fixture
async def network(
    request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Network]:
    """The network, with settings as an indirect parameter."""
    settings: dict[str, Any] = getattr(request, "param", {})
    async with running_network(sqlite_url, tmp_path, clock, **settings) as running:
        yield running
        check_conversation(running)


async def post(network: Network, body: bytes | Json, url: str = "", **headers: str) -> tuple[int, Json]:
    """A message to on_subscribe: status and JSON of the answer."""
    data = orjson.dumps(body) if isinstance(body, dict) else body
    fields = {"Content-Type": "application/json", **headers}
    async with network.session.post(f"{url or network.url}/on_subscribe", data=data, headers=fields) as answer:
        return answer.status, await answer.json()


def challenge(
    *, answer: str = ANSWER, registry: EncryptionKey = REGISTRY, to: EncryptionKey = BPP.encryption_key, **more: Any
) -> Json:
    """What a registry sends to make us prove that we hold our encryption key."""
    return {"subscriber_id": OWN, "challenge": make_challenge(answer, registry, to.public_key), **more}


async def page(network: Network, url: str) -> tuple[int, str, str]:
    async with network.session.get(f"{url}/{PAGE}") as answer:
        return answer.status, answer.content_type, await answer.text()


def root(network: Network) -> str:
    """Our host without any path."""
    return f"http://127.0.0.1:{network.settings.port}"


# on_subscribe


async def test_a_challenge_of_the_registry_is_answered_with_its_plaintext(network: Network) -> None:
    for answer in (ANSWER, "x", "A" * 128, "Zwölf 12"):
        assert await post(network, challenge(answer=answer)) == (200, {"answer": answer})
    assert await post(network, challenge(unknown="key")) == (200, {"answer": ANSWER})
    assert (await rows(network.settings.database_url))["outbox"] == 0


KEYS = {
    "BPP_REGISTRY_ENCRYPTION_KEYS": ",".join(
        base64.b64encode(key.public_key).decode() for key in (OLD_REGISTRY, REGISTRY)
    ),
    "BPP_PREVIOUS_ENCRYPTION_KEYS": base64.b64encode(FORMER.raw).decode(),
}


@pytest.mark.parametrize("network", [KEYS], indirect=True)
async def test_each_key_of_the_registry_and_each_former_key_of_ours_is_tried(network: Network) -> None:
    for registry in (OLD_REGISTRY, REGISTRY):
        for own in (BPP.encryption_key, FORMER):
            assert await post(network, challenge(registry=registry, to=own)) == (200, {"answer": ANSWER})

    status, refusal = await post(network, challenge(registry=generate_encryption_key()))
    assert status == 400
    assert "answer" not in refusal


async def test_whatever_is_wrong_with_a_challenge_gets_the_same_refusal_and_a_row_in_the_audit_log(
    network: Network,
) -> None:
    good = challenge()
    wrong: list[bytes | Json] = [
        {**good, "subscriber_id": "somebody.example"},
        {**good, "subscriber_id": 1},
        {"challenge": good["challenge"]},
        {"subscriber_id": OWN},
        {**good, "challenge": ""},
        {**good, "challenge": None},
        {**good, "challenge": 12},
        {**good, "challenge": ["x"]},
        {**good, "challenge": "not base64!"},
        {**good, "challenge": base64.b64encode(b"too short").decode()},
        {**good, "challenge": base64.b64encode(bytes(32)).decode()},
        {**good, "challenge": base64.b64encode(bytes(2048)).decode()},
        challenge(registry=generate_encryption_key()),
        challenge(to=generate_encryption_key()),
        challenge(answer=""),
        challenge(answer="\x00\x01"),
        challenge(answer="A" * 200),
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"subscriber_id":' * 2000,
        orjson.dumps({**good, "padding": "x" * 5000}),
    ]

    answers = [await post(network, body) for body in wrong]

    assert {status for status, _ in answers} == {400}
    assert len({orjson.dumps(refusal) for _, refusal in answers}) == 1
    refusal = answers[0][1]
    assert refusal["message"]["ack"]["status"] == "NACK"
    assert refusal["error"]["code"] == "30000"
    log = await audit_log(network.settings.database_url)
    assert [(one["action"], one["outcome"]) for one in log] == [("on_subscribe", "NACK 30000")] * len(wrong)


async def test_other_methods_and_types_get_the_same_refusal(network: Network) -> None:
    _, usual = await post(network, b"{")

    assert await post(network, orjson.dumps(challenge()), **{"Content-Type": "text/plain"}) == (400, usual)
    for method in ("GET", "PUT", "DELETE"):
        async with network.session.request(method, f"{network.url}/on_subscribe") as answer:
            assert (answer.status, await answer.json()) == (400, usual)


async def test_challenges_beyond_the_minutes_budget_are_refused_like_any_and_answered_a_minute_later(
    network: Network,
) -> None:
    _, usual = await post(network, b"{")
    for _ in range(PER_MINUTE):
        assert (await post(network, challenge()))[0] == 200

    assert await post(network, challenge()) == (400, usual)
    network.clock.tick(seconds=59)
    assert await post(network, challenge()) == (400, usual)
    network.clock.tick(seconds=1)
    assert await post(network, challenge()) == (200, {"answer": ANSWER})


async def test_nonsense_does_not_use_up_the_budget_of_the_registry(network: Network) -> None:
    for _ in range(PER_MINUTE + 1):
        assert (await post(network, {**challenge(), "subscriber_id": "somebody.example"}))[0] == 400

    assert (await post(network, challenge()))[0] == 200


# Site verification


@pytest.mark.parametrize("network", [{"BPP_SITE_REQUEST_ID": "request-17"}], indirect=True)
async def test_the_site_verification_page_carries_our_request_id_signed(network: Network) -> None:
    status, kind, text = await page(network, network.url)

    assert (status, kind) == (200, "text/html")
    found = CONTENT.search(text)
    assert found is not None
    signature = base64.b64decode(found[1], validate=True)
    Ed25519PublicKey.from_public_bytes(BPP.key.public_key).verify(signature, b"request-17")  # raises where it fails


# Under a path


@pytest.mark.parametrize("path", ["/ondc", "/ondc/1.0/"])
async def test_the_whole_flow_works_under_a_subscriber_path(
    path: str, sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with running_network(sqlite_url, tmp_path, clock, path=path) as network:
        buyer, place = network.buyer, network.place
        async with Gateway(registry=network.registry, clock=clock) as gateway:
            found = (await journey.search(buyer, words="tap repair", place=place, to=gateway.url)).callback
            passed = await gateway.next_passed_on(found.transaction_id)
        assert passed.url == network.url.rstrip("/")
        assert found.context["bpp_uri"] == network.url

        confirmed = await network.booked()
        assert (await journey.status(buyer, confirmed)).callback.order["status"] == "ACCEPTED"
        support = (await journey.support(buyer, confirmed)).callback
        operator = at_root(network)
        await operator.pushed(confirmed, "depart")
        arrived = await operator.pushed(confirmed, "arrive")
        await operator.pushed(confirmed, "start", otp=otp_of(arrived))
        clock.tick(minutes=1)
        done = await operator.pushed(confirmed, "complete")

        image = found.message["catalog"]["descriptor"]["images"][0]["url"]
        for url in (done.order["documents"][0]["url"], support.message["support"]["url"], image):
            assert url.startswith(network.url.rstrip("/"))
            async with network.session.get(url) as answer:
                assert answer.status == 200, url
        check_conversation(network)


def at_root(network: Network) -> Network:
    """The same network for the operator API, which is at the host's root whatever the subscriber path."""
    settings = network.settings.model_copy(update={"subscriber_uri": root(network)})
    return Network(**{**vars(network), "settings": settings})


async def test_challenge_and_page_are_answered_at_the_root_and_under_the_path_and_actions_under_the_path_alone(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with running_network(sqlite_url, tmp_path, clock, path="/ondc") as network:
        pages = [await page(network, url) for url in (network.url, root(network))]
        assert pages[0] == pages[1]
        assert pages[0][0] == 200
        for url in (network.url, root(network)):
            assert await post(network, challenge(), url) == (200, {"answer": ANSWER})
        for health in ("/health/live", "/health/ready", "/metrics"):
            async with network.session.get(f"{root(network)}{health}") as answer:
                assert answer.status == 200, health

        elsewhere = await network.buyer.post("search", b"{}", to=root(network))
        assert elsewhere.status == 404
        assert (await network.buyer.post("search", b"{}", to=network.url)).status == 400
