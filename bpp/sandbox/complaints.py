"""The buyer's side of a grievance, in both versions: what it has heard of an issue, and what it says next.

It knows the network's rules (network 1.3, 1.4) and nothing of the seller's program. Nothing here sends or waits.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.messages import Customer
from bpp.sandbox.moments import wire_time

RESPONSE, RESOLUTION = "PT2H", "P1D"
"""How soon an answer and a resolution are expected, as in every example (network 1.5)."""
IMAGE = "https://buyer.example.in/leak.jpg"
APPENDED: Sequence[Json] = ({"path": "issue.actions", "action": "APPENDED"},)
_STATUS = {"OPEN": "OPEN", "ESCALATED": "OPEN", "CLOSED": "CLOSED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Who complains of what: the order as the seller app confirmed it, its domain, and the seller app's id."""

    buyer: Buyer
    customer: Customer
    order: Json = field(repr=False)
    domain: str
    seller: str

    @property
    def now(self) -> str:
        """The time, as the network writes it."""
        return wire_time(self.buyer.clock())

    @property
    def organization(self) -> str:
        """The buyer app, as ``subscriber::domain``."""
        return f"{self.buyer.participant.subscriber_id}::{self.domain}"

    @property
    def contact(self) -> Json:
        """How the customer is reached."""
        return {"phone": self.customer.phone, "email": self.customer.email}


class Complaint:
    """An issue of version 2.0.0: the whole of it, as far as both sides have said anything.

    ``code`` is the category of the complaint. What a seller app says replaces what is known, as long as it is an issue.
    """

    def __init__(self, about: About, *, code: str) -> None:
        self.about = about
        now = about.now
        self.issue: Json = {
            "id": about.buyer.new_id(),
            "status": "OPEN",
            "level": "ISSUE",
            "created_at": now,
            "updated_at": now,
            "expected_response_time": {"duration": RESPONSE},
            "expected_resolution_time": {"duration": RESOLUTION},
            "refs": _refs(about.order),
            "actors": _actors(about),
            "source_id": "CUST1",
            "complainant_id": "NP1",
            "respondent_ids": ["NP2"],
            "descriptor": {
                "code": code,
                "short_desc": "The work does not hold",
                "long_desc": "What was done has to be looked at again.",
                "additional_desc": {"url": "https://buyer.example.in/more.txt", "content_type": "text/plain"},
                "images": [{"url": IMAGE, "size_type": "xs"}],
            },
            "last_action_id": "",
            "actions": [],
        }
        self._append("OPEN", now)

    def opened(self) -> Json:
        """The message that opens it."""
        return {"issue": copy.deepcopy(self.issue)}

    def says(self, code: str, **more: Any) -> Json:
        """The message of one more action; ``more`` are further keys of the action."""
        self._append(code, self.about.now, **more)
        return {"update_target": list(APPENDED), "issue": copy.deepcopy(self.issue)}

    def hears(self, message: Mapping[str, Any]) -> None:
        """Take in what the other side says."""
        if issue := part(message, "issue"):
            self.issue = copy.deepcopy(issue)

    def asked_for(self) -> Json:
        """The reference of an answer to the first request for information that nobody has answered yet."""
        answered = {one.get("ref_id") for one in self.issue["actions"]}
        open_ = [one for one in self._of("INFO_REQUESTED") if one["id"] not in answered]
        return {"ref_id": open_[0]["id"], "ref_type": "ACTION"}

    def offered(self, code: str) -> Json:
        """The reference of an answer to the last proposal of this remedy."""
        fitting = [one for one in self.issue["resolutions"] if one["descriptor"]["code"] == code]
        return {"ref_id": fitting[-1]["id"], "ref_type": "RESOLUTIONS"}

    def _of(self, code: str) -> list[Json]:
        return [one for one in self.issue["actions"] if one["descriptor"]["code"] == code]

    def _append(self, code: str, now: str, *, descriptor: Mapping[str, Any] | None = None, **more: Any) -> None:
        action = {
            "id": f"A-{self.about.buyer.new_id()}",
            "descriptor": {"code": code, "short_desc": f"The buyer says {code}", **(descriptor or {})},
            "updated_at": now,
            "action_by": "NP1",
            "actor_details": {"name": "Buyer Desk"},
            **more,
        }
        self.issue["actions"].append(action)
        self.issue |= {"last_action_id": action["id"], "updated_at": now}
        self.issue |= {"status": _STATUS[code]} if code in _STATUS else {}
        self.issue |= {"level": "GRIEVANCE"} if code == "ESCALATED" else {}


class OldComplaint(Complaint):
    """An issue of version 1.0.0: the buyer's own actions, with what the complaint is about. ``code`` as FLM03."""

    def __init__(self, about: About, *, code: str) -> None:
        self.about = about
        now, order = about.now, about.order
        self.issue = {
            "id": about.buyer.new_id(),
            "category": "FULFILLMENT",
            "sub_category": code,
            "issue_type": "ISSUE",
            "status": "OPEN",
            "source": {"network_participant_id": about.buyer.participant.subscriber_id, "type": "CONSUMER"},
            "complainant_info": {"person": {"name": about.customer.name}, "contact": about.contact},
            "order_details": {
                "id": str(order["id"]),
                "state": str(order.get("status", "")),
                "items": [{"id": one["id"], "quantity": 1} for one in order["items"]],
                "fulfillments": [{"id": one["id"], "state": "Completed"} for one in order["fulfillments"]],
                "provider_id": order["provider"]["id"],
            },
            "description": {
                "short_desc": "The work is not finished",
                "long_desc": "Half of what was agreed is left out.",
                "additional_desc": {"url": "https://buyer.example.in/more.txt", "content_type": "text/plain"},
                "images": [IMAGE],
            },
            "expected_response_time": {"duration": RESPONSE},
            "expected_resolution_time": {"duration": RESOLUTION},
            "issue_actions": {"complainant_actions": []},
            "created_at": now,
            "updated_at": now,
        }
        self._append("OPEN", now)

    def says(self, code: str, **more: Any) -> Json:
        """The message of ESCALATE or CLOSE, or of MORE: a further picture, which is no action of this version."""
        now = self.about.now
        if code == "MORE":
            self.issue["description"]["images"].append(IMAGE.replace("leak", "nearer"))
            self.issue["updated_at"] = now
        else:
            self._append(code, now)
        self.issue |= {"CLOSE": {"status": "CLOSED"}, "ESCALATE": {"issue_type": "GRIEVANCE"}}.get(code, {}) | more
        return {"issue": copy.deepcopy(self.issue)}

    def hears(self, message: Mapping[str, Any]) -> None:
        """The seller app's actions are its own to keep."""

    def _append(self, code: str, now: str, **more: Any) -> None:
        by = {
            "org": {"name": self.about.organization},
            "contact": self.about.contact,
            "person": {"name": self.about.customer.name},
        }
        action = {"complainant_action": code, "short_desc": f"The buyer says {code}", "updated_at": now}
        self.issue["issue_actions"]["complainant_actions"].append({**action, "updated_by": by, **more})
        self.issue["updated_at"] = now


class Answering(Complaint):
    """The buyer app as the one complained of: an issue of a seller app's, as it came."""

    def __init__(self, about: About, message: Mapping[str, Any]) -> None:
        self.about = about
        self.hears(message)
        self.me = next(iter(self.issue.get("respondent_ids") or ()), "NP2")

    def says(self, code: str, *, remedies: Sequence[str] = (), **more: Any) -> Json:
        """PROCESSING, RESOLUTION_PROPOSED with remedies, or RESOLVED by the one that was accepted."""
        now = self.about.now
        if remedies:
            more |= {"ref_id": "R-0", "ref_type": "RESOLUTIONS"}
            self.issue["resolutions"] = _remedies(remedies, now, self.me)
        self._append(code, now, **{"action_by": self.me, **more})
        self.issue["status"] = "RESOLVED" if code == "RESOLVED" else "PROCESSING"
        return {"update_target": list(APPENDED), "issue": copy.deepcopy(self.issue)}

    def accepted(self) -> Json:
        """What RESOLVED refers to: the remedy that the seller app accepted, and its code."""
        meant = self._of("RESOLUTION_ACCEPTED")[-1]["ref_id"]
        code = next(one["descriptor"]["code"] for one in self.issue["resolutions"] if one["id"] == meant)
        return {"ref_id": meant, "ref_type": "RESOLUTIONS", "descriptor": {"name": code}}


def flat(context: Mapping[str, Any]) -> Json:
    """A context of the services in the shape of 1.x: country and city as texts, and core_version (network 1.2)."""
    left = {key: value for key, value in context.items() if key not in {"location", "version"}}
    return left | {"country": "IND", "city": context["location"]["city"]["code"], "core_version": "1.0.0"}


def _refs(order: Json) -> list[Json]:
    refs = [
        {"ref_id": str(order["id"]), "ref_type": "ORDER"},
        {"ref_id": order["provider"]["id"], "ref_type": "PROVIDER"},
        {"ref_id": order["fulfillments"][0]["id"], "ref_type": "FULFILLMENT"},
    ]
    count = {"descriptor": {"code": "quantity.selected.count"}, "value": "1"}
    tags = [{"descriptor": {"code": "message.order.items"}, "list": [count]}]
    return [*refs, {"ref_id": order["items"][0]["id"], "ref_type": "ITEM", "tags": tags}]


def _actors(about: About) -> list[Json]:
    seller = {"org": {"name": f"{about.seller}::{about.domain}"}}
    mine = {"org": {"name": about.organization}, "contact": about.contact}
    return [
        {"id": "CUST1", "type": "CONSUMER", "info": {**mine, "person": {"name": about.customer.name}}},
        {"id": "NP1", "type": "INTERFACING_NP", "info": {**mine, "person": {"name": "Buyer Desk"}}},
        {"id": "NP2", "type": "COUNTERPARTY_NP", "info": seller},
    ]


def _remedies(codes: Sequence[str], now: str, by: str) -> list[Json]:
    parent = {"id": "R-0", "descriptor": {"code": "PARENT", "short_desc": "What we can do"}}
    offered = [
        {"id": f"R-{number}", "ref_id": "R-0", "ref_type": "PARENT", "descriptor": {"code": code, "short_desc": code}}
        for number, code in enumerate(codes, 1)
    ]
    return [one | {"updated_at": now, "proposed_by": by} for one in (parent, *offered)]
