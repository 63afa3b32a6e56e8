"""The OpenAPI 3.1 document of the operator API, made from the table of routes and its models; and a page for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from pydantic import TypeAdapter

from bpp.operator.files import GivesFile, TakesFile
from bpp.operator.problems import ErrorAnswer
from bpp.operator.routes import KEY_HEADER, LONGEST_KEY, Route

Json = dict[str, Any]
REFERENCES = "#/components/schemas/{model}"
COMMON = {
    401: "no bearer token, or an unknown one",
    503: "the database does not work now; try again",
}
OF_BODIES = {400: "the body is not JSON", 422: "a field is wrong; `path` names it"}
OF_FILES = {413: "the file is too large", 415: "not a file of a type that is taken"}
BINARY: Json = {"type": "string", "format": "binary"}


def document(routes: Sequence[Route], *, title: str, version: str, base_path: str) -> Json:
    """The whole description. Every route is in it, since it is made of them."""
    errors: TypeAdapter[Any] = TypeAdapter(ErrorAnswer)
    inputs: list[tuple[tuple[str, str], Any, TypeAdapter[Any]]] = [(("errors", "out"), "serialization", errors)]
    for route in routes:
        if isinstance(route.answer, TypeAdapter):
            inputs.append(((route.name, "out"), "serialization", route.answer))
        if isinstance(route.body, TypeAdapter):
            inputs.append(((route.name, "in"), "validation", route.body))
    found, shared = TypeAdapter.json_schemas(inputs, ref_template=REFERENCES)
    by_key = {name: schema for (name, _mode), schema in found.items()}
    definitions: Json = shared.get("$defs", {})
    paths: Json = {}
    for route in routes:
        query = route.query.model_json_schema(ref_template=REFERENCES)
        definitions.update(query.pop("$defs", {}))
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_key, query)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": _ABOUT},
        "servers": [{"url": base_path}],
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": definitions,
        },
    }


def page(routes: Iterable[Route], *, title: str, base_path: str) -> str:
    """The calls as a page for people."""
    rows = "".join(
        f"<tr><td>{route.method}</td><td><code>{escape(base_path + route.path)}</code></td>"
        f"<td>{escape(route.summary)}</td></tr>"
        for route in routes
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<style>body{font-family:system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "td{padding:.25rem .75rem .25rem 0;vertical-align:top}</style></head>"
        f"<body><h1>{escape(title)}</h1><p>{escape(_ABOUT)}</p>"
        f'<p>Described for programs in <a href="{base_path}/openapi.json">openapi.json</a>.</p>'
        f"<table>{rows}</table></body></html>"
    )


_ABOUT = (
    "Every call takes a bearer token. Moments are UTC, amounts are rupees as text. A POST with an "
    f"{KEY_HEADER} is carried out once; the same key gets the same answer for a day."
)


def _operation(route: Route, schemas: Mapping[tuple[str, str], Json], query: Json) -> Json:
    operation: Json = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(query)],
        "responses": {str(route.status): {"description": "done", **_answer(route, schemas)}},
    }
    problems = {**COMMON, **_of_body(route), **route.problems}
    if operation["parameters"]:
        problems.setdefault(422, "a parameter is wrong; `path` names it")
    if route.roles:
        problems[403] = f"for {', '.join(sorted(route.roles))} or a supervisor only"
    for status, text in sorted(problems.items()):
        operation["responses"][str(status)] = {"description": text, **_json(schemas["errors", "out"])}
    if isinstance(route.body, TakesFile):
        operation["requestBody"] = {"required": True, **_files(route.body.media_types)}
    elif route.body is not None:
        operation["requestBody"] = {"required": True, **_json(schemas[route.name, "in"])}
    if route.method == "POST":
        operation["parameters"].append(_KEY)
    return operation


_KEY = {
    "name": KEY_HEADER,
    "in": "header",
    "required": False,
    "description": "carry this request out once, whatever is sent twice; kept for a day",
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
}


def _answer(route: Route, schemas: Mapping[tuple[str, str], Json]) -> Json:
    if isinstance(route.answer, GivesFile):
        return _files(route.answer.media_types)
    return _json(schemas[route.name, "out"])


def _of_body(route: Route) -> Mapping[int, str]:
    if isinstance(route.body, TakesFile):
        return OF_FILES
    return {} if route.body is None else OF_BODIES


def _json(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}


def _files(media_types: Sequence[str]) -> Json:
    return {"content": {one: {"schema": BINARY} for one in media_types}}


def _path_parameters(route: Route) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]


def _query_parameters(schema: Json) -> list[Json]:
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            **({"description": one["description"]} if "description" in one else {}),
            "schema": _given(one),
        }
        for name, one in schema.get("properties", {}).items()
    ]


def _given(schema: Json) -> Json:
    """The schema of a parameter that is given: what is left out is null inside, but nobody can send that."""
    kept = {key: value for key, value in schema.items() if key not in {"anyOf", "default", "description", "title"}}
    for one in schema.get("anyOf", ()):
        if one != {"type": "null"}:
            kept.update(one)
    return kept
