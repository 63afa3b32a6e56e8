"""The examples for engineers of buyer apps, over HTTP: ``/docs/examples`` beside the buyer app's callbacks.

``GET /docs/examples`` lists the flows line by line; ``GET /docs/examples/<flow>/<name>.json`` is one message. Of a
request the query says for whom it is: ``bap_id``, ``bap_uri``, ``transaction_id``, ``slot``.
"""

from __future__ import annotations

from aiohttp import web

from bpp.sandbox.api import answered
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.desk import Complaint
from bpp.sandbox.examples import Examples, NothingToShow, Played, Reader
from bpp.sandbox.exchange import Json

PATH = "/docs/examples"


def example_routes(examples: Examples, buyer: Buyer) -> list[web.RouteDef]:
    """The routes over a set of examples; ``buyer`` is whoever played them."""

    async def index(request: web.Request) -> web.StreamResponse:
        return await answered(_index(examples, str(request.url.origin()), anew=request.method == "POST"))

    async def message(request: web.Request) -> web.StreamResponse:
        found = request.match_info
        return await answered(_message(examples, buyer, found["flow"], found["name"], dict(request.query)))

    return [web.get(PATH, index), web.post(PATH, index), web.get(f"{PATH}/{{flow}}/{{name}}.json", message)]


async def _index(examples: Examples, origin: str, *, anew: bool) -> Json:
    flows = await _flows(examples, anew=anew)
    return {
        "how": {
            "send": "sign it and post it to the seller app; bap_id, bap_uri, transaction_id and slot in the query make "
            "it yours",
            "expect": "what the seller app then posts to your bap_uri, here as it once came",
            "seller": "what the seller's people do now: an event of the operator API",
            "anew": f"POST {PATH} plays every flow anew; else it is played every ten minutes",
        },
        "flows": {name: _listed(name, flow, origin) for name, flow in flows.items()},
    }


def _listed(name: str, flow: Played, origin: str) -> Json:
    lines = [
        {one.kind: one.name} | ({} if one.kind == "seller" else {"url": f"{origin}{PATH}/{name}/{one.name}.json"})
        for one in flow.lines
    ]
    return {"title": flow.title, "transaction_id": flow.transaction_id, "slots": len(flow.starts) - 2, "lines": lines}


async def _message(examples: Examples, buyer: Buyer, flow: str, name: str, query: dict[str, str]) -> Json:
    played = (await _flows(examples)).get(flow)
    if played is None:
        raise Complaint(404, "unknown_flow", f"{flow}: no such flow")
    try:
        return played.callback(name) if name.startswith("on_") else played.request(name, _reader(query), buyer)
    except LookupError as problem:
        raise Complaint(404, "unknown_message", str(problem.args[0])) from problem


def _reader(query: dict[str, str]) -> Reader:
    slot = query.get("slot", "1")
    if not slot.isdecimal():
        raise Complaint(400, "invalid", "slot: a whole number is expected")
    texts = {key: query[key] for key in ("bap_id", "bap_uri", "transaction_id") if key in query}
    return Reader(**texts, slot=int(slot))


async def _flows(examples: Examples, *, anew: bool = False) -> dict[str, Played]:
    try:
        return dict(await examples.flows(anew=anew))
    except NothingToShow as nothing:
        raise Complaint(404, "nothing_to_show", str(nothing)) from nothing
