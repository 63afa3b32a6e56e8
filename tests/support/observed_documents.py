"""Messages of every family that network observability is told of, and documents that have whatever the schemas know."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from beckn_schemas.callbacks import CALLBACKS
from beckn_schemas.requests import MESSAGES
from tests.support.callback_builders import VALID, envelope
from tests.support.request_builders import REQUESTS

Json = Any
Change = Callable[[tuple[str, ...], Any], Any]
AT = "2026-11-23T04:00:00.000Z"
PERSON = {
    "org": {"name": "buyer.example::ONDC:SRV11"},
    "person": {"name": "N"},
    "contact": {"phone": "P", "email": "E"},
}
"""Somebody in a grievance, as both versions describe him or her."""
AMOUNT = {"currency": "INR", "value": "2210.00"}


def settlement_context(action: str) -> dict[str, Any]:
    core: dict[str, Any] = envelope(action, {})["context"]
    return core | {"domain": "ONDC:NTS10", "ttl": "P1D", "location": {"city": {"code": "*"}}}


def grievance(action: str, issue: dict[str, Any], **more: Any) -> dict[str, Any]:
    return envelope(action, {"issue": issue, **more})


IGM_1 = {
    "issue": grievance(
        "issue",
        {
            "id": "I-1",
            "category": "FULFILLMENT",
            "sub_category": "FLM03",
            "complainant_info": {"person": {"name": "N"}, "contact": {"phone": "P", "email": "E"}},
            "order_details": {
                "id": "O1",
                "state": "COMPLETED",
                "items": [{"id": "3618", "quantity": 1}],
                "fulfillments": [{"id": "1", "state": "Delivered"}],
                "provider_id": "62",
            },
            "description": {
                "short_desc": "S",
                "long_desc": "L",
                "additional_desc": {"url": "U", "content_type": "text/plain"},
                "images": ["U"],
            },
            "source": {"network_participant_id": "buyer.example", "type": "CONSUMER"},
            "expected_response_time": {"duration": "PT2H"},
            "expected_resolution_time": {"duration": "P1D"},
            "status": "OPEN",
            "issue_type": "ISSUE",
            "issue_actions": {
                "complainant_actions": [
                    {"complainant_action": "OPEN", "short_desc": "S", "updated_at": AT, "updated_by": PERSON}
                ]
            },
            "created_at": AT,
            "updated_at": AT,
        },
    ),
    "on_issue_status": grievance(
        "on_issue_status",
        {
            "id": "I-1",
            "issue_actions": {
                "respondent_actions": [
                    {
                        "respondent_action": "RESOLVED",
                        "short_desc": "S",
                        "updated_at": AT,
                        "updated_by": PERSON,
                        "cascaded_level": 1,
                    }
                ]
            },
            "resolution_provider": {
                "respondent_info": {
                    "type": "TRANSACTION-COUNTERPARTY-NP",
                    "organization": PERSON,
                    "resolution_support": {
                        "contact": {"phone": "P", "email": "E"},
                        "gros": [
                            {
                                "person": {"name": "N"},
                                "contact": {"phone": "P", "email": "E"},
                                "gro_type": "TRANSACTION-COUNTERPARTY-NP-GRO",
                            }
                        ],
                    },
                }
            },
            "resolution": {
                "action": "RESOLVE",
                "short_desc": "S",
                "long_desc": "L",
                "action_triggered": "REFUND",
                "refund_amount": "200.00",
            },
            "created_at": AT,
            "updated_at": AT,
        },
    ),
}
IGM_2 = {
    "on_issue": grievance(
        "on_issue",
        {
            "id": "I-2",
            "status": "PROCESSING",
            "level": "ISSUE",
            "created_at": AT,
            "updated_at": AT,
            "expected_response_time": {"duration": "PT2H"},
            "refs": [
                {"ref_id": "O1", "ref_type": "ORDER"},
                {
                    "ref_id": "I1",
                    "ref_type": "ITEM",
                    "tags": [
                        {
                            "descriptor": {"code": "message.order.items"},
                            "list": [{"descriptor": {"code": "quantity.selected.count"}, "value": "2"}],
                        }
                    ],
                },
            ],
            "actors": [{"id": "CUST1", "type": "CONSUMER", "info": PERSON}],
            "source_id": "CUST1",
            "complainant_id": "NP1",
            "respondent_ids": ["NP2"],
            "descriptor": {
                "code": "ITM004",
                "name": "N",
                "short_desc": "S",
                "long_desc": "L",
                "additional_desc": {"url": "U", "content_type": "text/plain"},
                "images": [{"url": "U", "size_type": "xs"}],
                "media": [{"url": "U"}],
            },
            "last_action_id": "A2",
            "actions": [
                {
                    "id": "A1",
                    "descriptor": {"code": "INFO_PROVIDED", "short_desc": "S", "images": [{"url": "U"}]},
                    "updated_at": AT,
                    "action_by": "NP1",
                    "actor_details": {"name": "N"},
                    "ref_id": "A0",
                }
            ],
            "resolutions": [
                {
                    "id": "R1",
                    "ref_id": "R0",
                    "ref_type": "PARENT",
                    "descriptor": {"code": "REFUND", "short_desc": "S"},
                    "updated_at": AT,
                    "proposed_by": "NP2",
                    "tags": [
                        {
                            "descriptor": {"code": "RESOLUTION_DETAILS"},
                            "list": [
                                {"descriptor": {"code": "ITEM"}, "value": "I1"},
                                {"descriptor": {"code": "REFUND_AMOUNT"}, "value": "200"},
                            ],
                        }
                    ],
                }
            ],
        },
        update_target=[{"path": "issue.actions", "action": "APPENDED"}],
    )
}
RSF = {
    "settle": {
        "context": settlement_context("settle"),
        "message": {
            "collector_app_id": "buyer.example",
            "receiver_app_id": "seller.example",
            "settlement": {
                "type": "NP-NP",
                "id": "S-1",
                "orders": [
                    {
                        "id": "O1",
                        "inter_participant": {"amount": AMOUNT, "status": "SETTLED", "reference_no": "UTR17"},
                        "collector": {"amount": AMOUNT},
                        "provider": {
                            "id": "62",
                            "name": "N",
                            "bank_details": {"account_no": "12345678", "ifsc_code": "HDFC0001234"},
                            "amount": AMOUNT,
                        },
                        "self": {"amount": AMOUNT},
                    }
                ],
            },
        },
    },
    "recon": {
        "context": settlement_context("recon"),
        "message": {
            "orders": [
                {
                    "id": "O1",
                    "amount": AMOUNT,
                    "recon_accord": False,
                    "settlements": [
                        {
                            "id": "S-1",
                            "payment_id": "PAY1",
                            "status": "PENDING",
                            "due_date": "2026-11-24",
                            "amount": AMOUNT | {"diff_value": "20.00"},
                            "commission": AMOUNT,
                            "settlement_ref_no": "UTR17",
                            "updated_at": AT,
                        }
                    ],
                }
            ]
        },
    },
}


def made_of(schema: dict[str, Any], defs: dict[str, Any], depth: int = 0) -> Json:
    """A document with whatever a JSON schema has a name for; each text is ``?``."""
    if "$ref" in schema:
        schema = defs[schema["$ref"].rpartition("/")[2]]
    for way in ("anyOf", "oneOf", "allOf"):
        if way in schema:
            return made_of(max(schema[way], key=lambda one: one.get("type") != "null"), defs, depth)
    if depth > 12:
        return "?"
    if schema.get("type") == "object" or "properties" in schema:
        return {name: made_of(one, defs, depth + 1) for name, one in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        items = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
        return [made_of(items, defs, depth + 1)]
    return {"integer": 1, "number": 1, "boolean": True}.get(schema.get("type", ""), "?")


def from_schemas() -> Iterator[tuple[str, Json]]:
    """A message of each request and callback of core with every field that our models know."""
    for models in (MESSAGES, CALLBACKS):
        for action, model in models.items():
            schema = model.model_json_schema()
            yield f"schema of {action}", envelope(action, made_of(schema, schema.get("$defs", {})))


DOCUMENTS: dict[str, Json] = {
    **REQUESTS,
    **{name: build() for name, build in VALID.items()},
    **{f"{name} 1.0": one for name, one in IGM_1.items()},
    **{f"{name} 2.0": one for name, one in IGM_2.items()},
    **RSF,
    **dict(from_schemas()),
}


def changed(document: Json, change: Change, path: tuple[str, ...] = ()) -> Json:
    """A copy whose texts and numbers are what ``change`` makes of them, given the names that lead there."""
    if isinstance(document, dict):
        code = document["descriptor"].get("code") if isinstance(document.get("descriptor"), dict) else None
        return {
            name: changed(one, change, (*path, str(code) if name == "value" and code else name))
            for name, one in document.items()
        }
    if isinstance(document, list):
        return [changed(one, change, path) for one in document]
    return document if document is None or isinstance(document, bool) else change(path, copy.copy(document))
