"""Whatever the operator API's own description allows, and what it does not, asked as every role and as nobody."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from bpp.operator.app import _described
from tests.support.hostile import BY_ROLE, Answer, Seller, check_answer

EXAMPLES = int(os.environ.get("BPP_HOSTILE_EXAMPLES", "2"))
"""For each call; more find more."""
ROLES = ("", "nobody", *BY_ROLE)
SCHEMA = schemathesis.openapi.from_dict(dict(_described()))
OPERATIONS: list[Any] = [found.ok() for found in cast("Iterable[Any]", SCHEMA.get_all_operations())]


def call(seller: Seller, case: Any, role: str) -> Answer:
    """The request of a case, over a bare socket: what a client library would refuse to send is sent too."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    query = urlencode(case.query or {}, doseq=True, errors="surrogatepass")
    body = case.body if isinstance(case.body, bytes) else b""
    if not isinstance(case.body, bytes) and type(case.body).__name__ != "NotSet":
        body = json.dumps(case.body, default=str).encode()
    headers = {"Content-Type": case.media_type or "application/json"}
    if role:
        headers["Authorization"] = f"Bearer {BY_ROLE.get(role, role)}"
    return seller.request(case.method.upper(), f"/api/v1{path}{'?' if query else ''}{query}", body, headers)


def check_operator_answer(answer: Answer, declared: Mapping[str, Any]) -> None:
    check_answer(answer)
    assert (
        str(answer.status) in declared or "default" in declared or answer.status in {400, 401, 403, 404, 405, 413, 415}
    )
    if answer.status >= HTTPStatus.BAD_REQUEST:
        assert answer.headers["content-type"].startswith("application/json")
        assert set(answer.document["error"]) >= {"code", "message"}
    assert answer.headers["cache-control"] == "no-store"


def cases(operation: Any) -> st.SearchStrategy[Any]:
    allowed, forbidden = (
        operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    )
    return st.one_of(allowed, forbidden)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_whatever_is_asked_is_answered_in_the_described_shape(seller: Seller, operation: Any) -> None:
    # Not shrunk: what fails is short enough, and hundreds of further calls would not be.
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
    @given(cases(operation), st.sampled_from(ROLES))
    def asked(case: Any, role: str) -> None:
        answer = call(seller, case, role)
        check_operator_answer(answer, operation.definition.raw["responses"])
        assert role in BY_ROLE or answer.status in {400, 401}

    asked()
