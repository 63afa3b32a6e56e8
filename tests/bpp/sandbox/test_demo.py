from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest

from beckn_schemas.registry import parse_registry_file
from bpp.sandbox.demo import DemoResult, play, write_demo_registry
from bpp.sandbox.demo_visit import another
from bpp.sandbox.narrate import Check
from tests.support.peers import whole_booking


def test_the_demonstration_s_registry_has_four_different_ports_at_most_one_ours(tmp_path):
    write_demo_registry(tmp_path / "registry.json", "http://127.0.0.1:1")

    records = parse_registry_file((tmp_path / "registry.json").read_bytes())
    ports = {one.subscriber_id: urlsplit(one.subscriber_url or "").port for one in records}
    assert ports["bpp.sandbox.example"] == 1
    assert len(set(ports.values())) == len(ports) == 3


async def test_a_seller_that_is_not_there_is_a_failed_check_and_no_crash(tmp_path):
    registry = tmp_path / "registry.json"
    write_demo_registry(registry, "http://127.0.0.1:9")
    out = io.StringIO()

    result = await play("http://127.0.0.1:9", "token", out, registry=registry, patience=0.05)

    assert not result.ok
    assert "every step went through" in result.failed[0].text
    assert "✗" in out.getvalue()


async def test_a_seller_without_an_operator_api_fails_after_the_booking(tmp_path, seller):
    registry = tmp_path / "registry.json"
    write_demo_registry(registry, seller.url)
    seller.replies = whole_booking()
    out = io.StringIO()

    result = await play(seller.url, "token", out, registry=registry, patience=10)

    assert not result.ok
    assert "on_confirm" in out.getvalue()
    # The canned seller answers with a slot and a price of its own: the checks notice.
    assert "the hour asked for is the hour confirmed" in {one.text for one in result.failed}
    assert "the total is the price of the catalog" in {one.text for one in result.failed}


@pytest.mark.parametrize(
    ("checks", "ok"),
    [
        ((), False),
        ((Check(text="a", held=True),), True),
        ((Check(text="a", held=True), Check(text="b", held=False)), False),
    ],
)
def test_a_play_is_good_when_everything_held_and_something_was_checked(checks, ok):
    assert DemoResult(checks=checks).ok == ok


@pytest.mark.parametrize("token", ["0000", "1234", "9990", "123456"])
def test_a_wrong_code_is_as_long_as_the_right_one_and_not_the_same(token):
    assert another(token) != token
    assert len(another(token)) == len(token)
    assert another(token).isdigit()
