"""Every signing vector through the whole door: headers, registry, body, identity (third-party data, read in place)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict

from bpp.errors import InvalidSignature, ProtocolError
from bpp.inbound.authenticate import authenticate, challenge_headers
from bpp.inbound.envelope import check_identity, read_json
from bpp.network.keyring import Keyring
from bpp.network.registry import FileRegistry

PATH = Path(__file__).parents[4] / "shared" / "reference" / "signing_vectors.json"
FILE: dict[str, Any] = json.loads(PATH.read_text()) if PATH.exists() else {}

pytestmark = pytest.mark.skipif(not FILE, reason="the reference vectors are not on this machine")


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["id"]) for v in FILE.get("vectors", [])])
async def test_every_vector_is_decided_as_published(vector, tmp_path):
    path = tmp_path / "registry.json"
    path.write_text(json.dumps(FILE["registry"]))
    expected = vector["expect"]

    refusal = await refusal_of(vector, Keyring(FileRegistry(path)))

    if expected["decision"] == "accept":
        assert refusal is None, refusal and refusal.reason
        return
    assert refusal is not None
    assert (refusal.http_status, refusal.reason) == (expected["http"], expected["reason"])
    challenge = challenge_headers(refusal, "bpp.example.in") if isinstance(refusal, InvalidSignature) else {}
    assert [*challenge] == ([expected["challenge_header"]] if expected["challenge_header"] else [])


async def refusal_of(vector: dict[str, Any], keyring: Keyring) -> ProtocolError | None:
    body = base64.b64decode(vector["body_b64"])
    action = vector["path"].strip("/")
    own_id = FILE["meta"]["self_subscriber_id"]
    try:
        sender = await authenticate(
            CIMultiDict(vector["headers"]),
            body,
            keyring=keyring,
            now=datetime.fromtimestamp(vector["now"], UTC),
            skew=timedelta(seconds=FILE["meta"]["clock_skew_tolerance_created_s"]),
            action=action,
        )
        check_identity(read_json(body), sender, action, own_id)
    except ProtocolError as refusal:
        return refusal
    return None
