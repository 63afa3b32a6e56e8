"""One message of each action of grievances and settlement that reaches us."""

from __future__ import annotations

import copy
from typing import Any, Final

from beckn_schemas.rsf_context import Envelope, Participant, answering, to_agency, to_participant
from tests.support.desk_story import SellerDesk
from tests.support.grievances import BuyerV1, BuyerV2, Hands, a_context

Json = dict[str, Any]
WE = Participant("seller.example.in", "https://seller.example.in/ondc")
BUYER = Participant("buyer.example.in", "https://buyer.example.in/ondc")
AGENCY = Participant("agency.example.in", "https://agency.example.in/nocs")
IDS = Envelope(transaction_id="T", message_id="M", at="2026-11-24T08:30:00.000Z")
LATER = "2026-11-24T08:30:00.001Z"


def _money(value: str, **more: str) -> Json:
    return {"currency": "INR", "value": value, **more}


def _recon() -> Json:
    names = ("amount", "commission", "withholding_amount", "tcs", "tds")
    line = {"id": "S", "payment_id": "PAY", "status": "PENDING", **{name: _money("0.00") for name in names}}
    line["updated_at"] = "2026-11-24T08:00:00.000Z"
    order = {"id": "O1", "amount": _money("2360.00"), "settlements": [line]}
    return {"context": to_participant(BUYER, WE, IDS), "message": {"orders": [order]}}


def _on_recon() -> Json:
    asked = _recon()
    (order,) = asked["message"]["orders"]
    order |= {"recon_accord": True}
    order["settlements"][0]["due_date"] = "2026-11-26"
    return {"context": answering(asked["context"], LATER), "message": asked["message"]}


def _of_agency(action: str) -> Json:
    legs = ("inter_participant", "collector", "self")
    order = {
        "id": "O1",
        **{leg: {"amount": _money("10.00"), "status": "SETTLED", "reference_no": "U1"} for leg in legs},
    }
    settlement = {"type": "NP-NP", "id": "S", "orders": [order]}
    message = {"collector_app_id": BUYER.id, "receiver_app_id": WE.id, "settlement": settlement}
    asked = to_agency("settle" if action == "on_settle" else "report", WE, AGENCY, IDS)
    return {"context": {**asked, "action": action, "timestamp": LATER}, "message": message}


def _issues() -> dict[str, Json]:
    hands = Hands()
    opened = BuyerV2(hands).payload("M1")
    answer = SellerDesk(hands).take(copy.deepcopy(opened)).payload
    status = {
        "context": a_context("issue_status", hands.now),
        "message": {"issue_id": opened["message"]["issue"]["id"]},
    }
    told = {**answer, "context": {**answer["context"], "action": "on_issue_status"}}
    return {"issue": opened, "issue_status": status, "on_issue": answer, "on_issue_status": told}


FAMILY_MESSAGES: Final[dict[str, Json]] = {
    **_issues(),
    "recon": _recon(),
    "on_recon": _on_recon(),
    "on_settle": _of_agency("on_settle"),
    "on_report": _of_agency("on_report"),
}
OLD_ISSUE: Final[Json] = BuyerV1(Hands()).payload("M1")
"""An issue of version 1.0.0."""
