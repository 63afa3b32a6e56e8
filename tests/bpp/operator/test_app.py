"""Who gets in, how errors look, and that the description fits the routes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bpp.context import APP_CONTEXT
from bpp.errors import Unavailable
from bpp.operator.app import BASE_PATH, PUBLIC, ROUTES, operator_app
from bpp.operator.auth import identify
from bpp.operator.problems import ApiProblem
from bpp.settings import Settings

SETTINGS = Settings(operator_token="main", operator_tokens={"o": "operator", "e": "engineer", "s": "supervisor"})


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Bearer main", "supervisor"),
        ("bearer  main ", "supervisor"),
        ("Bearer o", "operator"),
        ("Bearer e", "engineer"),
        ("Bearer s", "supervisor"),
    ],
)
def test_a_token_has_a_role(header, role):
    caller = identify(header, SETTINGS)

    assert caller.role == role
    assert caller.may_override is (role == "supervisor")


@pytest.mark.parametrize("header", ["", "main", "Bearer", "Bearer ", "Basic main", "Bearer Main", "Bearer ä\udcff"])
def test_nothing_else_is_let_in(header):
    with pytest.raises(ApiProblem) as problem:
        identify(header, SETTINGS)

    assert problem.value.status == 401
    assert problem.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_empty_token_in_the_settings_opens_nothing():
    with pytest.raises(ApiProblem):
        identify("Bearer ", Settings(operator_token="", operator_tokens={"": "supervisor"}))


def test_the_name_in_the_audit_trail_does_not_hold_the_token():
    assert "main" not in identify("Bearer main", SETTINGS).name


async def test_no_call_answers_without_a_token(desk):
    for route in ROUTES:
        path = re.sub(r"\{\w+\}", "1", route.path)
        async with desk.client.request(route.method, f"{BASE_PATH}{path}") as response:
            answer = await response.json()

        assert response.status == 401, route.name
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer["error"]["code"] == "unauthorized"
        assert set(answer["error"]) == {"code", "message", "path", "allowed"}


async def test_unknown_calls_and_methods_answer_in_the_same_shape(desk):
    status, answer = await desk.call("GET", "/nothing")
    assert (status, answer["error"]["code"]) == (404, "not_found")

    status, answer = await desk.call("DELETE", "/orders")
    assert (status, answer["error"]["code"]) == (405, "method_not_allowed")
    assert "GET" in answer["error"]["allowed"]


class Broken:
    """A storage that fails in one way."""

    def __init__(self, problem):
        self._problem = problem

    async def run(self, _unit):
        raise self._problem

    read = run


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [(Unavailable("try again"), 503, "unavailable"), (RuntimeError("secret detail"), 500, "internal")],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/orders"), ("POST", "/workers")])
async def test_our_own_failures_say_no_more_than_they_must(desk, method, path, problem, status, code):
    app, operator = web.Application(), operator_app()
    operator[APP_CONTEXT] = replace(desk.context, storage=Broken(problem))
    app.add_subapp(BASE_PATH, operator)
    body = {
        "id": "W",
        "provider_id": "P-GOMTI",
        "name": "N",
        "phone": "155330",
        "gps": "26.8,80.9",
        "districts": ["Lucknow"],
        "skills": {},
        "hours": {"days": [1], "opens": "09:00", "closes": "18:00"},
    }
    async with TestClient(TestServer(app)) as client:
        headers = {"Authorization": "Bearer supervisor-token", "Idempotency-Key": "K"}
        async with client.request(method, f"{BASE_PATH}{path}", headers=headers, json=body) as response:
            text = await response.text()

    assert response.status == status
    assert f'"{code}"' in text
    assert "secret" not in text


async def test_a_key_that_is_too_long_is_refused(desk):
    status, answer = await desk.call("POST", "/deliveries/1/retry", key="K" * 256)

    assert (status, answer["error"]["path"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    ("method", "path", "body", "where"),
    [
        ("GET", "/orders?order_id=a%00b", None, "order_id"),
        ("POST", "/orders/R-1/events", {"event": "cancel", "reason": "a\0b"}, "reason"),
        ("PATCH", "/providers/P-GOMTI", {"locations": [{"address": "\0"}]}, "locations[0].address"),
        ("PATCH", "/providers/P-GOMTI", {"na\0me": "A"}, ""),
    ],
)
async def test_what_no_database_stores_is_refused_where_it_is(desk, method, path, body, where):
    status, answer = await desk.call(method, path, body)

    assert (status, answer["error"]["code"], answer["error"]["path"]) == (422, "invalid", where)


async def test_nothing_is_named_by_what_no_database_stores(desk):
    status, answer = await desk.call("GET", "/orders/%00")

    assert (status, answer["error"]["code"]) == (404, "not_found")


async def test_the_characters_with_which_a_nul_is_written_are_text(desk):
    status, answer = await desk.call("PATCH", "/providers/P-GOMTI", {"name": r"Gomti \u0000"})

    assert (status, answer["name"]) == (200, r"Gomti \u0000")


async def test_the_description_needs_no_token_and_is_linked_from_the_page(desk):
    async with desk.client.get(f"{BASE_PATH}/openapi.json") as response:
        assert response.status == 200
        assert (await response.json())["openapi"].startswith("3.1")
    for path in (BASE_PATH, f"{BASE_PATH}/"):
        async with desk.client.get(path) as response:
            text = await response.text()
            assert response.content_type == "text/html"
            assert f'href="{BASE_PATH}/openapi.json"' in text


async def described(desk):
    async with desk.client.get(f"{BASE_PATH}/openapi.json") as response:
        return await response.json()


async def test_every_route_is_described_and_every_description_has_a_route(desk):
    document = await described(desk)
    there = {
        (route.method, route.resource.canonical)
        for route in operator_app().router.routes()
        if route.name not in PUBLIC and route.method != "HEAD" and route.resource is not None
    }

    written = {(method.upper(), path) for path, calls in document["paths"].items() for method in calls}

    assert written == there


async def test_every_reference_in_the_description_leads_somewhere(desk):
    document = await described(desk)
    schemas = document["components"]["schemas"]

    targets = {value.removeprefix("#/components/schemas/") for value in references(document)}

    assert targets == set(schemas)


async def test_each_operation_is_complete(desk):
    document = await described(desk)
    operations = [(path, one) for path, calls in document["paths"].items() for one in calls.values()]

    assert len({one["operationId"] for _, one in operations}) == len(operations)
    for path, one in operations:
        assert one["summary"]
        in_path = [parameter["name"] for parameter in one["parameters"] if parameter["in"] == "path"]
        assert in_path == re.findall(r"\{(\w+)\}", path)
        assert "401" in one["responses"]
        for answer in one["responses"].values():
            assert answer["description"]
            assert answer["content"]
            assert all(content["schema"] for content in answer["content"].values())


async def test_every_post_may_carry_a_key(desk):
    document = await described(desk)
    for calls in document["paths"].values():
        for method, one in calls.items():
            names = [parameter["name"] for parameter in one["parameters"]]
            assert ("Idempotency-Key" in names) is (method == "post")


async def test_the_events_are_told_apart_by_their_name(desk):
    document = await described(desk)
    body = document["paths"]["/orders/{ref}/events"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    assert body["discriminator"]["propertyName"] == "event"
    assert set(body["discriminator"]["mapping"]) == {
        "assign",
        "depart",
        "arrive",
        "start",
        "complete",
        "cancel",
        "accept",
        "decline",
        "requote",
        "reschedule",
        "accept_quote",
        "reject_quote",
        "pay",
        "renew_otp",
        "reassign",
        "unassign",
        "refund",
        "redo",
    }


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for one in node:
            yield from references(one)
