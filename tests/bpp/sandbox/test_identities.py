from __future__ import annotations

import json
from pathlib import Path

from beckn_schemas.registry import parse_registry_file
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, PARTICIPANTS, registry_records, write_registry

ROOT = Path(__file__).parents[3]


def test_the_repository_s_registry_file_lists_exactly_the_sandbox():
    assert json.loads((ROOT / "registry.json").read_text(encoding="utf-8")) == registry_records()


def test_a_written_registry_reads_back_with_the_addresses_given(tmp_path):
    path = tmp_path / "registry.json"

    write_registry(path, (BPP.at("http://127.0.0.1:1001/"), BUYER.at("http://127.0.0.1:1002"), GATEWAY))

    records = parse_registry_file(path.read_bytes())
    assert {(one.subscriber_id, one.subscriber_url) for one in records} == {
        ("bpp.sandbox.example", "http://127.0.0.1:1001"),
        ("buyer.sandbox.example", "http://127.0.0.1:1002"),
        ("gateway.sandbox.example", "http://127.0.0.1:8082"),
    }
    assert [one.name for one in tmp_path.iterdir()] == ["registry.json"]


def test_no_participant_shows_its_private_keys():
    for one in PARTICIPANTS:
        assert "seed" not in repr(one)
        assert "raw" not in repr(one)
        assert "key=" not in repr(one).replace("unique_key_id=", "")


def test_everybody_has_keys_of_their_own():
    assert len({one.key.public_key for one in PARTICIPANTS}) == len(PARTICIPANTS)
    assert len({one.encryption_key.public_key for one in PARTICIPANTS}) == len(PARTICIPANTS)
