"""What is wrong with a message of reconciliation and settlement that we are about to send.

Shapes are in ``rsf_sent``; here are the rules across their parts that validators refuse for (network.md 2.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from beckn_schemas.base import parse_timestamp
from beckn_schemas.callbacks import Violation, shape_faults
from beckn_schemas.rsf_sent import FIELDS, SENT, SETTLES, RsfContext, RsfError

_SAME: Final = ("bap_id", "bap_uri", "bpp_id", "bpp_uri", "transaction_id", "message_id")


def check_rsf(payload: Mapping[str, Any], asked: Mapping[str, Any] | None = None) -> list[Violation]:
    """Everything that is wrong with a settle, report, recon or on_recon of ours; nothing where it may be sent.

    ``asked`` is the recon that an on_recon answers: the answer lists each of its orders, agrees in its context and is
    later. Only an on_recon may be an ``error`` alone.
    """
    context = payload.get("context")
    found = shape_faults(RsfContext, context, "context")
    found += [
        Violation("unknown_key", key, "no such key") for key in payload if key not in {"context", "message", "error"}
    ]
    action = context.get("action") if isinstance(context, Mapping) else None
    if action == "on_recon" and "error" in payload:
        found += shape_faults(RsfError, payload["error"], "error")
        if "message" in payload:
            found.append(Violation("unknown_key", "message", "none beside an error"))
    elif "error" in payload:
        found.append(Violation("unknown_key", "error", "no such key"))
    else:
        found += _message(action, payload.get("message"), context)
    return found or list(_answers(payload, asked) if asked is not None else ())


def _message(action: object, message: object, context: object) -> list[Violation]:
    if not isinstance(action, str) or action not in {"settle", *SENT}:
        return []  # said of the context already
    model = SENT.get(action)
    if model is None:
        settlement = message.get("settlement") if isinstance(message, Mapping) else None
        kind = settlement.get("type") if isinstance(settlement, Mapping) else None
        model = SETTLES.get(kind) if isinstance(kind, str) else None
        if model is None:
            return [Violation("enum", "message.settlement.type", f"one of {', '.join(SETTLES)}")]
    found = shape_faults(model, message, "message")
    if found or not isinstance(message, Mapping):
        return found
    if action == "settle":
        return list(_settle(message, context))
    return [] if action == "report" else list(_recon(message, answer=action == "on_recon"))


def _settle(message: Mapping[str, Any], context: object) -> Iterator[Violation]:
    """An order once; the two participants are two, and neither is the agency; one of them is who files."""
    yield from _twice(message["settlement"].get("orders", ()))
    if "collector_app_id" not in message or not isinstance(context, Mapping):
        return
    apps = {name: message[name] for name in ("collector_app_id", "receiver_app_id")}
    if len(set(apps.values())) == 1:
        yield Violation("parties", "message.receiver_app_id", "another than collector_app_id")
    for name, app in apps.items():
        if app == context.get("bpp_id"):
            yield Violation("parties", f"message.{name}", "another than the agency, which is bpp_id")
    if context.get("bap_id") not in apps.values():
        yield Violation("parties", "context.bap_id", "the collector or the receiver, whoever files")


def _recon(message: Mapping[str, Any], *, answer: bool) -> Iterator[Violation]:
    yield from _twice(message["orders"])
    for place, order in enumerate(message["orders"]):
        for index, one in enumerate(order["settlements"]):
            path = f"message.orders[{place}].settlements[{index}]"
            settled = one["status"] == "SETTLED"
            if settled != (one.get("settlement_ref_no") is not None):
                yield Violation("status", f"{path}.settlement_ref_no", "a reference where SETTLED, else none")
            if answer:
                yield from _accord(one, path, accord=order["recon_accord"], settled=settled)


def _accord(one: Mapping[str, Any], path: str, *, accord: bool, settled: bool) -> Iterator[Violation]:
    """The day of payment where we agree and it is to come; the difference of each amount where we do not."""
    if (one.get("due_date") is not None) != (accord and not settled):
        yield Violation("accord", f"{path}.due_date", "a date where agreed and not SETTLED, else none")
    for name in FIELDS:
        if (one[name].get("diff_value") is None) != accord:
            yield Violation("accord", f"{path}.{name}.diff_value", "a difference where not agreed, else none")


def _twice(orders: Any) -> Iterator[Violation]:
    seen: set[str] = set()
    for place, order in enumerate(orders):
        if "id" in order and order["id"] in seen:
            yield Violation("repeated", f"message.orders[{place}].id", "each order once")
        seen.add(order.get("id", ""))


def _answers(payload: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[Violation]:
    context, before = payload["context"], asked["context"]
    for name in _SAME:
        if context[name] != before.get(name):
            yield Violation("context", f"context.{name}", "the value of the recon")
    if parse_timestamp(context["timestamp"]) <= parse_timestamp(before["timestamp"]):
        yield Violation("context", "context.timestamp", "a time after that of the recon")
    if "error" in payload:
        return
    told = [order["id"] for order in payload["message"]["orders"]]
    if sorted(told) != sorted(order["id"] for order in asked["message"]["orders"]):
        yield Violation("orders", "message.orders", "the orders of the recon, each of them")
