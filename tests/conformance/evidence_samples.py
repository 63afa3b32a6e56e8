"""Small messages for tests of folders: what matters there is where they stand, not what they say."""

from __future__ import annotations

import json
from typing import Any

from bpp.conformance.record import Flow, Record

Json = dict[str, Any]
ACK = {"message": {"ack": {"status": "ACK"}}}


def message(
    action: str,
    *,
    message_id: str = "",
    second: int = 0,
    transaction_id: str = "T-1",
    domain: str = "ONDC:SRV11",
    order: str = "O-1",
    **context: Any,
) -> Json:
    """A message with a context that places it in a conversation."""
    return {
        "context": {
            "domain": domain,
            "action": action,
            "version": "2.0.0",
            "timestamp": f"2026-02-02T03:30:{second:02d}.000Z",
            "transaction_id": transaction_id,
            "message_id": message_id or f"M-{action.removeprefix('on_')}",
            **context,
        },
        "message": {"order": {"id": order}},
    }


def conversation(*actions: str, **fields: Any) -> dict[str, Json]:
    """Messages by action, a second after one another."""
    return {one: message(one, second=second, **fields) for second, one in enumerate(actions)}


def booking(name: str, *, domain: str = "ONDC:SRV11", order: str = "O-1") -> Flow:
    """A flow from search to on_confirm."""
    said = conversation(
        *(f"{way}{one}" for one in ("search", "select", "init", "confirm") for way in ("", "on_")),
        domain=domain,
        order=order,
        transaction_id=f"T-{name}",
    )
    return Flow(
        name=name,
        domain=domain,
        records=tuple(
            Record(
                number=number,
                sent=not action.startswith("on_"),
                action=action,
                document=document,
                body=json.dumps(document).encode(),
            )
            for number, (action, document) in enumerate(said.items(), 1)
        ),
    )
