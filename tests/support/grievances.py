"""A buyer app that complains, and one that is complained of: JSON of its own making, in both versions.

It shares no code with what it speaks to: it keeps what it has heard, and builds what it says from that.
"""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Any

from bpp.issues.model import Desk, Person
from catalog.moments import wire_time
from tests.support.clock import MONDAY_MORNING
from tests.support.ids import IdSource

Json = dict[str, Any]
BAP, BPP, DOMAIN = "buyer.example.in", "seller.example.in", "ONDC:SRV11"
DESK = Desk(
    subscriber_id=BPP,
    agent=Person(name="Help Desk", phone="155330", email="help@seller.example.in"),
    officer=Person(name="Grievance Officer", phone="155331", email="gro@seller.example.in"),
)


class Hands:
    """The time and the ids of one story."""

    def __init__(self) -> None:
        self.now: datetime = MONDAY_MORNING
        self.new_id = IdSource(7)
        self.buyer_id = IdSource(8)

    def later(self, **step: float) -> datetime:
        """Some time passes."""
        self.now += timedelta(**(step or {"seconds": 30}))
        return self.now


def a_context(action: str, now: datetime, message_id: str = "M1", **changes: Any) -> Json:
    """The services' shape: location and version."""
    context = {
        "domain": DOMAIN,
        "location": {"city": {"code": "std:0522"}, "country": {"code": "IND"}},
        "version": "2.0.0",
        "action": action,
        "bap_id": BAP,
        "bap_uri": f"https://{BAP}/ondc",
        "bpp_id": BPP,
        "bpp_uri": f"https://{BPP}",
        "transaction_id": "T1",
        "message_id": message_id,
        "timestamp": wire_time(now),
        "ttl": "PT30S",
    }
    return {key: part for key, part in {**context, **changes}.items() if part is not None}


def a_flat_context(action: str, now: datetime, message_id: str = "M1") -> Json:
    """The shape of 1.x: country, city and core_version."""
    return a_context(
        action, now, message_id, location=None, version=None, country="IND", city="std:0522", core_version="1.0.0"
    )


class BuyerV2:
    """Complains in 2.0.0: it keeps the whole issue, and sends the whole issue."""

    def __init__(self, hands: Hands, *, code: str = "ITM004", items: tuple[str, ...] = ("TAP",)) -> None:
        self.hands = hands
        now = wire_time(hands.now)
        self.issue: Json = {
            "id": hands.buyer_id(),
            "status": "OPEN",
            "level": "ISSUE",
            "created_at": now,
            "updated_at": now,
            "expected_response_time": {"duration": "PT2H"},
            "expected_resolution_time": {"duration": "P1D"},
            "refs": [
                {"ref_id": "O1", "ref_type": "ORDER"},
                {"ref_id": "P1", "ref_type": "PROVIDER"},
                {"ref_id": "F1", "ref_type": "FULFILLMENT"},
                *(
                    {
                        "ref_id": item,
                        "ref_type": "ITEM",
                        "tags": [
                            {
                                "descriptor": {"code": "message.order.items"},
                                "list": [{"descriptor": {"code": "quantity.selected.count"}, "value": "1"}],
                            }
                        ],
                    }
                    for item in items
                ),
            ],
            "actors": [
                {
                    "id": "CUST1",
                    "type": "CONSUMER",
                    "info": {
                        "org": {"name": f"{BAP}::{DOMAIN}"},
                        "person": {"name": "Meera Demo"},
                        "contact": {"phone": "9876543210", "email": "meera@example.in"},
                    },
                },
                {
                    "id": "NP1",
                    "type": "INTERFACING_NP",
                    "info": {
                        "org": {"name": f"{BAP}::{DOMAIN}"},
                        "person": {"name": "Buyer Desk"},
                        "contact": {"phone": "9876500000", "email": "desk@buyer.example.in"},
                    },
                },
            ],
            "source_id": "CUST1",
            "complainant_id": "NP1",
            "respondent_ids": ["NP2"],
            "descriptor": {
                "code": code,
                "short_desc": "The tap leaks again",
                "long_desc": "The tap leaks again since this morning.",
                "additional_desc": {"url": "", "content_type": "text/plain"},
                "images": [{"url": "https://buyer.example.in/leak.jpg", "size_type": "xs"}],
            },
            "last_action_id": "",
            "actions": [],
        }
        self._append("OPEN", at=now)

    def _append(self, code: str, *, at: str = "", **more: Any) -> None:
        now = at or wire_time(self.hands.now)
        descriptor = {"code": code, "short_desc": f"buyer says {code}", **more.pop("descriptor", {})}
        action = {
            "id": f"A-{self.hands.buyer_id()}",
            "descriptor": descriptor,
            "updated_at": now,
            "action_by": "NP1",
            "actor_details": {"name": "Buyer Desk"},
            **more,
        }
        self.issue["actions"].append(action)
        self.issue |= {"last_action_id": action["id"], "updated_at": now}

    def act(self, code: str, **more: Any) -> Json:
        """One more action, sent with everything before it."""
        self.hands.later()
        self._append(code, **more)
        if code == "ESCALATED":
            self.issue |= {"level": "GRIEVANCE", "status": "OPEN"}
        if code == "CLOSED":
            self.issue["status"] = "CLOSED"
        return self.payload()

    def payload(self, message_id: str = "") -> Json:
        """The /issue that says how it stands."""
        context = a_context("issue", self.hands.now, message_id or self.hands.buyer_id())
        return {"context": context, "message": {"issue": copy.deepcopy(self.issue)}}

    def hear(self, message: Json) -> list[Json]:
        """What is new in a callback; nothing of what was said before may be missing in it."""
        issue = message["issue"]
        stored = [one["id"] for one in self.issue["actions"]]
        assert [one["id"] for one in issue["actions"]][: len(stored)] == stored
        assert issue["created_at"] == self.issue["created_at"]
        new: list[Json] = issue["actions"][len(stored) :]
        self.issue = copy.deepcopy(issue)
        return new

    def last(self, code: str) -> Json:
        """The last action of a code."""
        return next(one for one in reversed(self.issue["actions"]) if one["descriptor"]["code"] == code)


class BuyerV1:
    """Complains in 1.0.0: it keeps its own actions and what the seller has told."""

    def __init__(self, hands: Hands, *, category: str = "FULFILLMENT", sub_category: str = "FLM03") -> None:
        self.hands = hands
        now = wire_time(hands.now)
        self.heard: list[Json] = []
        self.resolution: Json | None = None
        self.issue: Json = {
            "id": hands.buyer_id(),
            "category": category,
            "sub_category": sub_category,
            "complainant_info": {
                "person": {"name": "Meera Demo"},
                "contact": {"phone": "9876543210", "email": "meera@example.in"},
            },
            "order_details": {
                "id": "O1",
                "state": "COMPLETED",
                "items": [{"id": "TAP", "quantity": 1}],
                "fulfillments": [{"id": "F1", "state": "Completed"}],
                "provider_id": "P1",
            },
            "description": {
                "short_desc": "The work is not finished",
                "long_desc": "Half of the rooms were left out.",
                "additional_desc": {"url": "", "content_type": "text/plain"},
                "images": ["https://buyer.example.in/room.jpg"],
            },
            "source": {"network_participant_id": BAP, "type": "CONSUMER"},
            "expected_response_time": {"duration": "PT2H"},
            "expected_resolution_time": {"duration": "P1D"},
            "status": "OPEN",
            "issue_type": "ISSUE",
            "issue_actions": {"complainant_actions": []},
            "created_at": now,
            "updated_at": now,
        }
        self._append("OPEN", now)

    def _append(self, action: str, now: str) -> None:
        self.issue["issue_actions"]["complainant_actions"].append(
            {
                "complainant_action": action,
                "short_desc": f"buyer says {action}",
                "updated_at": now,
                "updated_by": {
                    "org": {"name": f"{BAP}::{DOMAIN}"},
                    "contact": {"phone": "9876500000", "email": "desk@buyer.example.in"},
                    "person": {"name": "Buyer Desk"},
                },
            }
        )
        self.issue["updated_at"] = now

    def more_info(self) -> Json:
        """What was asked for: the issue again, with another picture."""
        now = wire_time(self.hands.later())
        self.issue["description"]["images"].append(f"https://buyer.example.in/{self.hands.buyer_id()}.jpg")
        self.issue["updated_at"] = now
        return self.payload()

    def act(self, action: str, **more: Any) -> Json:
        """ESCALATE or CLOSE."""
        self._append(action, wire_time(self.hands.later()))
        self.issue |= more
        return self.payload()

    def payload(self, message_id: str = "") -> Json:
        """The /issue that says how it stands."""
        context = a_flat_context("issue", self.hands.now, message_id or self.hands.buyer_id())
        return {"context": context, "message": {"issue": copy.deepcopy(self.issue)}}

    def hear(self, message: Json) -> list[Json]:
        """What is new in a callback; what was told before must be told again."""
        issue = message["issue"]
        told = issue["issue_actions"]["respondent_actions"]
        assert told[: len(self.heard)] == self.heard
        assert issue["created_at"] == self.issue["created_at"]
        new: list[Json] = told[len(self.heard) :]
        self.heard, self.resolution = copy.deepcopy(told), issue.get("resolution")
        return new
