"""`bpp sandbox`: a buyer app of somebody else takes part beside the sandbox's own, and leaves no trace."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bpp.sandbox.identities import BPP, BUYER, write_registry
from signing.keys import encode_public_key, load_signing_key
from signing.sandbox_keys import sandbox_signing_key
from tests.flows.conftest import network, sqlite_url  # noqa: F401  # fixtures
from tests.support.network import Network, free_port

KEY = encode_public_key(sandbox_signing_key("second-buyer"))
ME = ("--id", "me.example.in")
AT = ("--url", "http://127.0.0.1:9090/")


@pytest.fixture
def registry(tmp_path: Path, environment: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "registry.json"
    write_registry(path, (BPP, BUYER))
    environment.setenv("BPP_REGISTRY", str(path))
    return path


def mine(registry: Path):
    return [one for one in json.loads(registry.read_text()) if one["subscriber_id"] == "me.example.in"]


def test_a_buyer_app_is_registered_in_every_domain_and_taken_out_again(bpp, registry):
    before = registry.read_text()

    found = bpp("sandbox", "register", *ME, *AT, "--public-key", KEY, "--json")

    assert found.json["unique_key_id"] == "me.example.in-1"
    assert {one["domain"] for one in mine(registry)} == {"ONDC:SRV10", "ONDC:SRV11", "ONDC:SRV12"}
    assert {
        (one["type"], one["status"], one["subscriber_url"], one["signing_public_key"]) for one in mine(registry)
    } == {("BAP", "SUBSCRIBED", "http://127.0.0.1:9090", KEY)}
    assert bpp("sandbox", "unregister", *ME).status == 0
    assert json.loads(registry.read_text()) == json.loads(before)
    assert bpp("sandbox", "unregister", *ME).status == 1


def test_registering_again_moves_the_address_and_a_second_key_stands_beside_the_first(bpp, registry):
    bpp("sandbox", "register", *ME, *AT, "--public-key", KEY)
    bpp("sandbox", "register", *ME, "--url", "http://127.0.0.1:9091", "--public-key", KEY)
    assert {one["subscriber_url"] for one in mine(registry)} == {"http://127.0.0.1:9091"}

    other = encode_public_key(sandbox_signing_key("gateway"))
    refused = bpp("sandbox", "register", *ME, *AT, "--public-key", other)
    assert (refused.status, len(mine(registry))) == (2, 3)
    assert "has another key" in refused.err
    bpp("sandbox", "register", *ME, *AT, "--public-key", other, "--key-id", "k2")
    assert {one["ukId"] for one in mine(registry)} == {"me.example.in-1", "k2"}
    bpp("sandbox", "register", *ME, *AT, "--public-key", other, "--replace")
    assert {(one["ukId"], one["signing_public_key"]) for one in mine(registry)} == {("me.example.in-1", other)}


def test_a_new_key_is_kept_in_its_file_for_its_owner_alone_and_used_again(bpp, registry, tmp_path):
    path = tmp_path / "keys" / "me"
    first = bpp("sandbox", "register", *ME, *AT, "--new-key", str(path), "--json").json
    again = bpp("sandbox", "register", *ME, *AT, "--new-key", str(path), "--json").json

    assert path.stat().st_mode & 0o777 == 0o600
    assert encode_public_key(load_signing_key(path.read_text())) == first["signing_public_key"]
    assert again == first


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("--id", "buyer.sandbox.example", *AT, "--public-key", KEY), "a participant of the sandbox itself"),
        ((*ME, "--url", "nowhere", "--public-key", KEY), "an http or https address"),
        ((*ME, *AT, "--public-key", "AAAA"), "neither 32 raw bytes"),
        ((*ME, *AT), "one of --public-key and --new-key"),
        (("--id", "", *AT, "--public-key", KEY), "subscriber_id"),
    ],
)
def test_what_cannot_be_registered_is_misuse_and_changes_nothing(bpp, registry, line, said):
    before = registry.read_bytes()

    found = bpp("sandbox", "register", *line)

    assert found.status == 2
    assert said in found.err
    assert registry.read_bytes() == before


def test_a_spoilt_registry_or_key_file_is_told_and_left_alone(bpp, registry, tmp_path):
    key = tmp_path / "key"
    key.write_text("nonsense")
    assert bpp("sandbox", "register", *ME, *AT, "--new-key", str(key)).status == 2
    registry.write_text("[")
    found = bpp("sandbox", "register", *ME, *AT, "--public-key", KEY)
    assert (found.status, registry.read_text()) == (2, "[")
    assert bpp("sandbox", "unregister", "--id", "buyer.sandbox.example").status == 2


def test_the_token_is_that_of_the_settings_and_only_the_sandbox_s(bpp, registry, environment):
    environment.setenv("BPP_OPERATOR_TOKEN", "artificial-token")
    assert bpp("sandbox", "token").out.strip() == "artificial-token"
    environment.setenv("BPP_REGISTRY", "https://registry.example.in")
    assert bpp("sandbox", "token").status == 2


@pytest.mark.parametrize("more", [(), ("--json",)])
async def test_callbacks_are_taken_told_and_kept(network: Network, bpp, environment, tmp_path, more):  # noqa: F811
    environment.setenv("BPP_REGISTRY", str(network.registry))
    port, out = free_port(), tmp_path / "callbacks"
    line = ("sandbox", "listen", "--port", str(port), "--out", str(out), "--count", "1", *more)
    listening = asyncio.create_task(asyncio.to_thread(bpp, *line))
    answer = None
    while answer is None:
        try:
            async with network.session.post(f"http://127.0.0.1:{port}/on_search", data=b"{}") as got:
                answer = got.status
        except OSError:
            await asyncio.sleep(0.05)

    said = await listening

    assert answer == 401
    assert ("refused: missing_authorization" in said.out) is not bool(more)
    assert ('"problem":"missing_authorization"' in said.out) is bool(more)
    assert (out / "on_search.json").read_bytes() == b"{}"
