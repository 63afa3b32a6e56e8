"""What the registry said of those who took part in a run, kept beside what they said: so signatures can be looked at.

A reader who has the network's registry needs none of it; for one who has not, or in ten years, it says by which keys
the callbacks were signed. Whose keys these are it cannot prove: it lies in the folder that it speaks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import orjson

from beckn_schemas.registry import Subscriber
from bpp.conformance.record import Flow

REGISTRY = "registry.json"
_SIGNER = re.compile(r'keyId="([^|"]+)\|')


def registry_of(flows: Sequence[Flow], signer: str, registry: Sequence[Subscriber]) -> bytes:
    """A registry file of the participants that these flows name, and of ``signer``; no more is given away."""
    named = {signer, *(name for flow in flows for name in _named(flow))}
    records = [_public(one) for one in registry if one.subscriber_id in named]
    return orjson.dumps(records, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _named(flow: Flow) -> Iterator[str]:
    for one in flow.records:
        yield from (str(one.context.get(key)) for key in ("bap_id", "bpp_id"))
        yield from (name for value in (one.headers or {}).values() for name in _SIGNER.findall(value))


def _public(one: Subscriber) -> dict[str, object]:
    fields = one.model_dump(mode="json", exclude_none=True)
    return {"subscriber_id": fields.pop("subscriber_id"), "type": fields.pop("role"), **fields}
