"""Settings: what is read, what is refused, and that the README says the same."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from beckn_schemas.spellings import Spelling
from bpp.setting_types import OUTSIDE_SANDBOX
from bpp.settings import PREFIX, Settings, SettingsProblems, load_settings
from signing.keys import encode_private_key, encode_public_key, generate_encryption_key, generate_signing_key
from signing.sandbox_keys import sandbox_data_key, sandbox_encryption_key, sandbox_signing_key

README = Path(__file__).parent.parent.parent / "README.md"


def production(**more: str) -> dict[str, str]:
    """Settings that are complete for production."""
    values = {name: f"some-{name}" for name in OUTSIDE_SANDBOX}
    values |= {
        "env": "prod",
        "registry": "https://registry.example.in",
        "subscriber_uri": "https://bpp.example.in/ondc",
        "database_url": "postgresql+asyncpg://bpp@db/bpp",
        "signing_key": encode_private_key(generate_signing_key()),
        "encryption_key": encode_private_key(generate_encryption_key()),
        "data_key": base64.b64encode(bytes(range(32))).decode(),
        "registry_encryption_keys": encode_public_key(generate_encryption_key()),
        "operator_token": "a-token",
    }
    return {f"{PREFIX}{name.upper()}": value for name, value in (values | more).items()}


def test_a_sandbox_needs_no_settings_at_all() -> None:
    settings = load_settings({})

    assert settings.sandbox
    assert settings.active_signing_key == sandbox_signing_key("bpp")
    assert settings.freshness == "off"


def test_complete_settings_are_accepted_in_production_and_freshness_is_on() -> None:
    settings = load_settings(production())

    assert settings.freshness == "on"
    assert settings.callback_allow == ()


def test_production_has_no_default_for_identities_keys_and_money() -> None:
    with pytest.raises(SettingsProblems) as refused:
        load_settings({"BPP_ENV": "prod"})

    named = {problem.split(":")[0] for problem in refused.value.problems}
    assert {f"{PREFIX}{name.upper()}" for name in OUTSIDE_SANDBOX} <= named
    assert "BPP_OPERATOR_TOKEN" in named


@pytest.mark.parametrize("env", ["preprod", "prod"])
def test_the_published_keys_are_refused_outside_the_sandbox(env: str) -> None:
    published = {
        "signing_key": encode_private_key(sandbox_signing_key("gateway")),
        "encryption_key": encode_private_key(sandbox_encryption_key("buyer")),
        "data_key": base64.b64encode(sandbox_data_key()).decode(),
    }
    with pytest.raises(SettingsProblems) as refused:
        load_settings(production(env=env, **published))

    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(bytes(31)).decode(), "file:/nowhere/key"])
@pytest.mark.parametrize("name", ["BPP_DATA_KEY", "BPP_PREVIOUS_DATA_KEYS"])
def test_a_data_key_that_is_none_is_refused_without_being_shown(name: str, text: str) -> None:
    with pytest.raises(SettingsProblems) as refused:
        load_settings({name: f'["{text}"]' if "PREVIOUS" in name else text})

    (problem,) = refused.value.problems
    assert name in problem
    assert not text or text.removeprefix("file:") not in problem


def test_a_data_key_may_stand_in_a_file_and_never_shows_itself(tmp_path: Path) -> None:
    text = base64.b64encode(bytes(range(32))).decode()
    (tmp_path / "key").write_text(f"{text}\n")
    settings = load_settings({"BPP_DATA_KEY": f"file:{tmp_path / 'key'}", "BPP_PREVIOUS_DATA_KEYS": f"{text},{text}"})

    assert settings.data_key.value == bytes(range(32))
    assert settings.previous_data_keys == (settings.data_key, settings.data_key)
    assert "\\x1f" not in repr(settings)


def test_a_registry_file_is_refused_in_production_but_not_in_preprod() -> None:
    with pytest.raises(SettingsProblems, match="BPP_REGISTRY"):
        load_settings(production(registry="registry.json"))

    assert load_settings(production(env="preprod", registry="registry.json")).registry == "registry.json"


def test_every_problem_is_reported_at_once() -> None:
    wrong = {
        "BPP_PORT": "many",
        "BPP_SLOT_HOLD": "ten minutes",
        "BPP_QUOTE_TTL": "soon",
        "BPP_SIGNING_KEY": "not a key",
        "BPP_ENV": "test",
        "BPP_CALLBACK_ALLOW": "everybody",
        "BPP_OTP_ATTEMPTS": "0",
        "BPP_CONFIG": "/nowhere/bpp.toml",
    }
    with pytest.raises(SettingsProblems) as refused:
        load_settings(wrong)

    assert {problem.split(":")[0] for problem in refused.value.problems} == set(wrong)


def test_a_problem_never_repeats_the_secret_it_is_about() -> None:
    with pytest.raises(SettingsProblems) as refused:
        load_settings({"BPP_SIGNING_KEY": "c2VjcmV0LXNlY3JldA=="})

    assert "c2VjcmV0" not in str(refused.value)


def test_a_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    config = tmp_path / "bpp.toml"
    config.write_text('port = 9000\nslot_hold = "PT5M"\ncallback_allow = ["10.0.0.0/8"]\n')

    settings = load_settings({"BPP_CONFIG": str(config), "BPP_PORT": "9001"})

    assert settings.port == 9001
    assert settings.slot_hold == timedelta(minutes=5)
    assert [str(network) for network in settings.callback_allow] == ["10.0.0.0/8"]


def test_a_key_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    key = generate_signing_key()
    path = tmp_path / "signing.key"
    path.write_text(encode_private_key(key) + "\n")

    assert load_settings({"BPP_SIGNING_KEY": f"file:{path}"}).active_signing_key == key


def test_of_several_live_keys_the_named_one_signs() -> None:
    old, new = generate_signing_key(), generate_signing_key()
    keys = json.dumps({"key-1": encode_private_key(old), "key-2": encode_private_key(new)})

    assert load_settings({"BPP_SIGNING_KEYS": keys, "BPP_UNIQUE_KEY_ID": "key-2"}).active_signing_key == new
    with pytest.raises(SettingsProblems, match="BPP_UNIQUE_KEY_ID"):
        load_settings({"BPP_SIGNING_KEYS": keys, "BPP_UNIQUE_KEY_ID": "key-3"})


def test_the_spelling_of_a_peer_is_read_from_a_variable_or_a_file(tmp_path: Path) -> None:
    config = tmp_path / "bpp.toml"
    config.write_text('[peers."a.example.in"]\nstatus_case = "title"\ncancelled_by = "PROVIDER"\n')
    said = json.dumps({"b.example.in": {"categories": "hex", "finder_fee": "Buyer_finder_fee"}, "c.example.in": {}})

    in_file = load_settings({"BPP_CONFIG": str(config)}).peers["a.example.in"]
    by_variable = load_settings({"BPP_CONFIG": str(config), "BPP_PEERS": said}).peers

    assert in_file == Spelling(status_case="title", cancelled_by="PROVIDER")
    assert by_variable == {
        "b.example.in": Spelling(categories="hex", finder_fee="Buyer_finder_fee"),
        "c.example.in": Spelling(),
    }


@pytest.mark.parametrize(
    ("peers", "told"),
    [
        ("no json", ""),
        ("[]", ""),
        ('{"": {}}', ""),
        ('{"a.example.in": "title"}', "a.example.in"),
        ('{"a.example.in": {"status_case": "Upper"}}', "a.example.in: status_case"),
        ('{"a.example.in": {"cancelled_by": "CONSUMER"}}', "a.example.in: cancelled_by"),
        ('{"a.example.in": {"finder_fee": "BUYER_FINDER_FEE"}}', "a.example.in: finder_fee"),
        ('{"a.example.in": {"category_form": "hex"}}', "a.example.in: category_form"),
    ],
)
def test_a_spelling_that_does_not_exist_is_refused_with_its_place(peers: str, told: str) -> None:
    with pytest.raises(SettingsProblems) as refused:
        load_settings({"BPP_PEERS": peers, "BPP_PORT": "many"})

    assert {problem.split(":")[0] for problem in refused.value.problems} == {"BPP_PEERS", "BPP_PORT"}
    assert told in str(refused.value)


def test_a_peer_counts_in_one_way_only() -> None:
    decimal = json.dumps({"a.example.in": {"categories": "decimal"}})
    with pytest.raises(SettingsProblems, match=r"BPP_PEERS: a\.example\.in"):
        load_settings({"BPP_PEERS": decimal, "BPP_HEX_CATEGORY_PEERS": "b.example.in,a.example.in"})

    assert load_settings({"BPP_PEERS": decimal, "BPP_HEX_CATEGORY_PEERS": "b.example.in"}).peers


def test_the_readme_names_every_setting_and_no_other() -> None:
    named = set(re.findall(r"`(BPP_[A-Z_]+)`", README.read_text()))

    assert named - {"BPP_CONFIG"} == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


OBSERVED = {"observability_url": "https://observed.example/push", "observability_token": "a-token"}


@pytest.mark.parametrize(
    ("env", "wanted", "told"),
    [
        ("prod", {}, True),
        ("prod", {"observability": "off"}, False),
        ("preprod", {}, False),
        ("preprod", {"observability": "on"}, True),
    ],
)
def test_network_observability_is_told_in_production_or_wherever_it_is_wanted(
    env: str, wanted: dict[str, str], *, told: bool
) -> None:
    assert load_settings(production(env=env, **OBSERVED, **wanted)).observed is told
    assert not load_settings(production(env=env, **wanted)).observed


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"observability_token": ""}, "BPP_OBSERVABILITY_TOKEN"),
        ({"observability_url": "http://observed.example/push"}, "BPP_OBSERVABILITY_URL"),
        ({"observability_also": "search,everything"}, "BPP_OBSERVABILITY_ALSO"),
    ],
)
def test_an_endpoint_of_observability_needs_its_token_and_https(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsProblems) as refused:
        load_settings(production(**OBSERVED | changes))

    assert {problem.split(":")[0] for problem in refused.value.problems} == {named}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, {"BPP_SETTLEMENT_AGENCY_ID", "BPP_SETTLEMENT_AGENCY_URI"}),
        ({"settlement_agency_id": "a.example"}, {"BPP_SETTLEMENT_AGENCY_URI"}),
        (
            {"settlement_agency_id": "a.example", "settlement_agency_uri": "http://a.example"},
            {"BPP_SETTLEMENT_AGENCY_URI"},
        ),
        ({"settlement": "files", "settlement_order_amount": "d"}, {"BPP_SETTLEMENT_ORDER_AMOUNT"}),
        ({"settlement": "files", "settlement_from": ""}, {"BPP_SETTLEMENT_FROM"}),
        ({"settlement": "files", "settlement_from": "soon"}, {"BPP_SETTLEMENT_FROM"}),
    ],
)
def test_settling_needs_its_first_day_and_by_messages_an_agency_with_https(
    changes: dict[str, str], named: set[str]
) -> None:
    with pytest.raises(SettingsProblems) as refused:
        load_settings(production(**{"settlement": "messages", "settlement_from": "2026-12-01"} | changes))

    assert {problem.split(":")[0] for problem in refused.value.problems} == named
