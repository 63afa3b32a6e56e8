"""Every signing vector explained: the step that fails is the one that its reason names (third-party data, in place)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict

from beckn_schemas.registry import parse_registry_file
from bpp.inbound.explain import BODY_STEPS, HEADER_STEPS, Outcome, Question, explain
from bpp.network.keyring import Keyring
from bpp.network.registry import FileRegistry

PATH = Path(__file__).parents[4] / "shared" / "reference" / "signing_vectors.json"
FILE: dict[str, Any] = json.loads(PATH.read_text()) if PATH.exists() else {}

pytestmark = pytest.mark.skipif(not FILE, reason="the reference vectors are not on this machine")

CAUSES = {
    "N02": "the same JSON",
    "N04": "without the white space at its end",
    "N11": "expires was",
    "N13": "the registry knows of this subscriber: buyer.example.in|bap-key-1",
    "N14": "the registry has no such subscriber",
    "N22": "the whole value stands in quotes",
    "N32": "the base64 of URLs (- and _), standard base64 is expected; but for that it holds",
    "N34": "hexadecimal, standard base64 is expected; but for that it holds",
    "N35": "base64 that is not canonical, standard base64 is expected; but for that it holds",
    "N47": "created is a date",
    "N53": "lacks the space after a colon",
    "N55": "the digest is SHA-512",
    "N56": "the digest is in hexadecimal",
}
"""What the vectors say of themselves in their titles, as we must find it out."""


async def explained(vector, tmp_path):
    path = tmp_path / "registry.json"
    path.write_text(json.dumps(FILE["registry"]))
    question = Question(
        headers=CIMultiDict(vector["headers"]),
        body=base64.b64decode(vector["body_b64"]),
        action=vector["path"].strip("/"),
        recipient=FILE["meta"]["self_subscriber_id"],
        now=datetime.fromtimestamp(vector["now"], UTC),
        skew=timedelta(seconds=FILE["meta"]["clock_skew_tolerance_created_s"]),
    )
    return await explain(question, Keyring(FileRegistry(path)), parse_registry_file(path.read_bytes()))


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["id"]) for v in FILE.get("vectors", [])])
async def test_every_vector_falls_at_the_step_of_its_reason_and_no_other(vector, tmp_path):
    expected = vector["expect"]

    found = await explained(vector, tmp_path)

    assert found.holds is (expected["decision"] == "accept")
    assert found.digest == vector["digest_b64"]
    if found.holds:
        return
    failed = [one for one in found.steps if one.outcome is Outcome.FAILS]
    assert len(failed) == 1
    assert f"{'gateway_' if failed[0].whose == 'gateway' else ''}{failed[0].reason}" == expected["reason"]
    at = found.steps.index(failed[0])
    assert {one.outcome for one in found.steps[:at]} <= {Outcome.HOLDS}
    assert {one.outcome for one in found.steps[at + 1 :]} <= {Outcome.OPEN}
    assert CAUSES.get(vector["id"], "") in found.cause


def test_every_reason_of_a_vector_belongs_to_a_step():
    told = {reason for step in (*HEADER_STEPS, *BODY_STEPS) for reason in step.reasons}
    shown = {v["expect"].get("reason", "").removeprefix("gateway_") for v in FILE["vectors"]}

    assert shown - told == {""}
    assert len(shown & told) > len(told) / 2
