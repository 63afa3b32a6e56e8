"""Our keys: what a key file may say, each step of a rotation, and the body of /subscribe."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.keys.model import KeyFileError, KeySet, Stage, key_file, parse_key_file
from bpp.keys.moves import (
    RotationError,
    abandon,
    awaited,
    begin,
    distrust,
    expire,
    next_step,
    registered,
    switch,
    trust,
)
from bpp.keys.own import OwnKeys, changing, keys_of
from bpp.keys.subscribe import REGISTER, Seller, missing, relative_path, subscribe_payload
from bpp.settings import SettingsProblems, load_settings
from signing.header import SignatureHeader
from signing.keys import encode_private_key, encode_public_key, generate_encryption_key, generate_signing_key
from signing.signature import verify
from tests.bpp.test_settings import production

NOW = datetime(2026, 1, 5, 3, 30, tzinfo=UTC)
GRACE = timedelta(days=7)
OWN = keys_of(load_settings({}))


def begun(keys: KeySet, number: int = 2, now: datetime = NOW) -> KeySet:
    return begin(
        keys,
        unique_key_id=f"key-{number}",
        signing_key=generate_signing_key(),
        encryption_key=generate_encryption_key(),
        request_id=f"request-{number}",
        now=now,
        valid_for=timedelta(days=1095),
    )


def stages(keys: KeySet) -> dict[str, Stage]:
    return {pair.unique_key_id: pair.stage for pair in keys.pairs}


# Steps


def test_a_rotation_is_made_registered_switched_and_expired() -> None:
    made = begun(OWN)
    there = registered(made, NOW)
    in_use = switch(there, NOW)

    assert stages(made) == {"sandbox-bpp-1": Stage.SIGNING, "key-2": Stage.MADE}
    assert stages(there) == {"sandbox-bpp-1": Stage.SIGNING, "key-2": Stage.REGISTERED}
    assert stages(in_use) == {"sandbox-bpp-1": Stage.RETIRED, "key-2": Stage.SIGNING}
    assert stages(switch(made, NOW)) == stages(in_use)  # seen in the registry, however it came there
    assert stages(expire(in_use, NOW + GRACE - timedelta(seconds=1), GRACE)) == stages(in_use)
    assert stages(expire(in_use, NOW + GRACE, GRACE)) == {"key-2": Stage.SIGNING}


def test_steps_are_safe_to_repeat() -> None:
    there = registered(begun(OWN), NOW)

    assert registered(there, NOW + GRACE) == there
    assert expire(OWN, NOW, timedelta()) == OWN
    assert trust(trust(OWN, b"k" * 32), b"k" * 32) == trust(OWN, b"k" * 32)


def test_what_cannot_be_done_now_says_why() -> None:
    for step in (
        lambda: begun(begun(OWN), 3),
        lambda: begun(switch(begun(OWN), NOW), 2),
        lambda: registered(OWN, NOW),
        lambda: switch(OWN, NOW),
        lambda: abandon(OWN),
        lambda: distrust(OWN, OWN.registry_encryption_keys[0]),
    ):
        with pytest.raises(RotationError, match=r"\w"):
            step()


def test_a_pair_that_is_no_longer_to_come_is_not_taken_for_the_one_that_was_seen() -> None:
    first = begun(OWN)
    seen = first.coming
    assert seen is not None

    assert awaited(first, seen) is first
    assert awaited(registered(first, NOW), seen).coming != seen
    for meanwhile in (abandon(first), begun(abandon(first)), begun(abandon(first), 3), switch(first, NOW)):
        with pytest.raises(RotationError):
            awaited(meanwhile, seen)


def test_a_retired_pair_stays_while_another_is_coming_since_the_registry_may_challenge_it() -> None:
    again = begun(switch(begun(OWN), NOW), 3, NOW)

    assert expire(again, NOW + GRACE * 9, GRACE) == again
    assert len(again.encryption_keys) == 3


def test_a_pair_whose_own_validity_is_over_goes_before_its_grace() -> None:
    keys = switch(begun(OWN), NOW)
    later = switch(begun(keys, 3, NOW + timedelta(days=1095)), NOW + timedelta(days=1095))

    assert "key-2" not in stages(expire(later, NOW + timedelta(days=1096), GRACE))


MOVES: dict[str, Callable[[KeySet, int, datetime], KeySet]] = {
    "begin": begun,
    "registered": lambda keys, _number, now: registered(keys, now),
    "switch": lambda keys, _number, now: switch(keys, now),
    "expire": lambda keys, _number, now: expire(keys, now, GRACE),
    "abandon": lambda keys, _number, _now: abandon(keys),
}


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=30))
def test_whatever_is_tried_in_whatever_order_exactly_one_pair_signs(steps: list[str]) -> None:
    keys, now = OWN, NOW
    for number, step in enumerate(steps, 2):
        now += timedelta(days=3)
        before = keys.signing
        try:
            keys = MOVES[step](keys, number, now)
        except RotationError:
            continue
        assert parse_key_file(key_file(keys)) == keys
        assert keys.signing == before or (step == "switch" and stages(keys)[before.unique_key_id] is Stage.RETIRED)
        assert next_step(keys, GRACE)


# What they are used for


def test_the_announced_pair_is_the_one_that_is_to_come() -> None:
    made = begun(OWN)

    assert OWN.announced == OWN.signing
    assert made.announced == made.coming
    assert switch(made, NOW).announced.unique_key_id == "key-2"


def test_a_change_settles_for_a_day() -> None:
    in_use = switch(begun(OWN), NOW)

    assert not OWN.rotating(NOW)
    assert begun(OWN).rotating(NOW)
    assert not begun(OWN).rotating(NOW + GRACE)  # made and forgotten: nobody was told of it
    assert registered(begun(OWN), NOW).rotating(NOW + GRACE)  # the registry may have it in the place of the old one
    assert in_use.rotating(NOW + timedelta(hours=23))
    assert not in_use.rotating(NOW + timedelta(hours=24))


def test_a_signature_never_outlives_its_key(tmp_path: Path) -> None:
    keys = switch(begun(OWN), NOW)
    path = tmp_path / "keys.json"
    path.write_bytes(key_file(keys))
    own = OwnKeys(load_settings({"BPP_KEY_FILE": str(path)}))
    end = keys.signing.valid_until
    assert end is not None

    header = SignatureHeader.parse(own.header(b"{}", end - timedelta(seconds=60)))

    assert header.expires == int(end.timestamp())
    verify(header, b"{}", keys.signing.signing_key.public_key)


def test_live_keys_of_the_settings_are_pairs_of_which_the_named_one_signs() -> None:
    texts = {name: encode_private_key(generate_signing_key()) for name in ("a", "b")}
    former = generate_encryption_key()
    keys = keys_of(
        load_settings(
            {
                "BPP_SIGNING_KEYS": json.dumps(texts),
                "BPP_UNIQUE_KEY_ID": "b",
                "BPP_PREVIOUS_ENCRYPTION_KEYS": encode_private_key(former),
            }
        )
    )

    assert stages(keys) == {"a": Stage.RETIRED, "b": Stage.SIGNING}
    assert encode_private_key(keys.signing.signing_key) == texts["b"]
    assert keys.encryption_keys[1:] == (former,)


# The file


def document(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(key_file(begun(OWN)))
    return made | changes


def pair(number: int, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = document()["pairs"][number]
    return made | changes


WRONG: dict[str, Any] = {
    "no signing pair": document(pairs=[pair(1)]),
    "two signing pairs": document(pairs=[pair(0), pair(1, stage="signing")]),
    "two coming pairs": document(pairs=[pair(0), pair(1), pair(1, unique_key_id="key-3")]),
    "one id twice": document(pairs=[pair(0), pair(1, unique_key_id="sandbox-bpp-1")]),
    "an unknown stage": document(pairs=[pair(0, stage="live")]),
    "a key id with a separator": document(pairs=[pair(0, unique_key_id="a|b")]),
    "an empty key id": document(pairs=[pair(0, unique_key_id="")]),
    "no key": document(pairs=[pair(0, signing_key="c2VjcmV0LXNlY3JldA==")]),
    "swapped keys": document(pairs=[pair(0, signing_key=pair(0)["encryption_key"])]),
    "a time without an offset": document(pairs=[pair(0, since="2026-01-01T00:00:00")]),
    "an unknown field": document(signs="key-2"),
    "no object": [],
}


@pytest.mark.parametrize("name", WRONG)
def test_a_key_file_with_a_mistake_is_refused_as_a_whole_and_shows_no_key(name: str) -> None:
    with pytest.raises(KeyFileError) as refused:
        parse_key_file(json.dumps(WRONG[name]).encode())

    assert "c2VjcmV0" not in str(refused.value)
    assert pair(0)["signing_key"] not in str(refused.value)


def test_keys_of_a_file_never_show_themselves() -> None:
    keys = begun(OWN)

    shown = repr(keys) + str(keys)

    assert not [
        text
        for one in keys.pairs
        for key in (one.signing_key, one.encryption_key)
        for text in (encode_private_key(key), repr(getattr(key, "seed", b"")))
        if text != repr(b"") and text in shown
    ]


def test_outside_the_sandbox_a_key_file_stands_for_the_keys_of_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    environ = production(key_file=str(path))
    held = ("BPP_SIGNING_KEY", "BPP_ENCRYPTION_KEY", "BPP_UNIQUE_KEY_ID", "BPP_REGISTRY_ENCRYPTION_KEYS")
    without = {name: value for name, value in environ.items() if name not in held}

    with pytest.raises(SettingsProblems) as refused:
        load_settings(without)
    assert {one.partition(":")[0] for one in refused.value.problems} >= set(held)
    path.write_bytes(key_file(keys_of(load_settings(environ))))
    assert OwnKeys(load_settings(without)).current().signing.unique_key_id == "some-unique_key_id"


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root can give a file to nobody")
def test_a_change_by_root_leaves_the_key_file_to_the_user_of_the_server(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    settings = load_settings({"BPP_KEY_FILE": str(path)})
    path.write_bytes(key_file(OWN))
    os.chown(path, 4321, 4321)

    with changing(settings) as changed:
        changed.put(begun(changed.keys))

    after = path.stat()
    assert (after.st_uid, after.st_gid, stat.S_IMODE(after.st_mode)) == (4321, 4321, 0o600)


def test_outside_the_sandbox_a_key_file_with_a_published_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(key_file(OWN))

    with pytest.raises(SettingsProblems, match="published sandbox key"):
        OwnKeys(load_settings(production(key_file=str(path))))


# /subscribe


ENTITY = {
    "gst": {"legal_entity_name": "A", "business_address": "B", "city_code": ["std:0522"], "gst_no": "C"},
    "pan": {"name_as_per_pan": "A", "pan_no": "D", "date_of_incorporation": "01/01/2020"},
    "name_of_authorised_signatory": "E",
    "address_of_authorised_signatory": "F",
    "email_id": "a@b.example",
    "mobile_no": 9999999999,
}


def shape(value: Any) -> Any:
    """The names and kinds of a document."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return [shape(value[0])] if isinstance(value, list) else type(value).__name__


def test_the_payload_has_the_shape_of_the_published_example(shared: Path) -> None:
    vectors = json.loads((shared / "reference" / "onboarding_vectors.json").read_text())
    seller = Seller(
        subscriber_id="bpp.example.in",
        subscriber_uri="https://bpp.example.in/ondc",
        domains=("ONDC:SRV11",),
        entity=ENTITY,
    )
    coming = begun(OWN).announced

    made = subscribe_payload(seller, coming, NOW, operation=REGISTER)

    assert shape(made) == shape(vectors["subscribe_request_example"])
    entity = made["message"]["entity"]
    assert (entity["callback_url"], entity["unique_key_id"]) == ("/ondc", "key-2")
    assert entity["key_pair"]["signing_public_key"] == encode_public_key(coming.signing_key)
    assert made["message"]["request_id"] == coming.request_id
    assert made["message"]["timestamp"] == "2026-01-05T03:30:00.000Z"


def test_what_is_missing_of_the_entity_is_named() -> None:
    assert missing(ENTITY) == []
    assert missing({**ENTITY, "mobile_no": None, "gst": {}})[:2] == ["gst.legal_entity_name", "gst.business_address"]
    assert len(missing({})) == 11


@pytest.mark.parametrize(
    ("uri", "subscriber_id", "path"),
    [
        ("https://bpp.example.in", "bpp.example.in", "/"),
        ("https://bpp.example.in/", "bpp.example.in", "/"),
        ("https://bpp.example.in/ondc", "bpp.example.in", "/ondc"),
        ("https://bpp.example.in/ondc", "bpp.example.in/ondc", "/"),
        ("https://bpp.example.in/ondc/v2", "bpp.example.in/ondc", "/v2"),
        ("http://127.0.0.1:8080", "bpp.sandbox.example", "/"),
    ],
)
def test_a_path_is_relative_to_the_subscriber_id(uri: str, subscriber_id: str, path: str) -> None:
    assert relative_path(uri, subscriber_id) == path
