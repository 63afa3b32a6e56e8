"""Grievances and reconciliation, which few sellers serve. Source: assertions 56 and 57; protocol 1.11 and 1.12.

Each begins with a question that a seller who does not serve it refuses, or answers with HTTP 404; then the scenario is
not played, and the report says why.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from bpp.conformance.scenarios.booking import booked, carried_out, order_id
from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Ask, Do, Scenario, Twist
from bpp.conformance.scenarios.trying import Tries, answers, until
from bpp.sandbox.exchange import Json
from bpp.sandbox.identities import RECON_DOMAIN
from bpp.sandbox.moments import wire_time

PAISA = Decimal("0.01")


def _of_version_1(_: Play, envelope: Json) -> Json:
    """The context of grievances 1.0.0: country and city as texts, and core_version."""
    context = dict(envelope["context"])
    place = context.pop("location")
    del context["version"]
    flat = {"country": "IND", "city": place["city"]["code"], "core_version": "1.0.0"}
    return {**envelope, "context": context | flat}


def _reconciled(_: Play, envelope: Json) -> Json:
    """The context of a reconciliation: a domain of its own, every city, a day to answer."""
    place = {"country": {"code": "IND"}, "city": {"code": "*"}}
    return {**envelope, "context": envelope["context"] | {"domain": RECON_DOMAIN, "location": place, "ttl": "P1D"}}


def _issue_id(play: Play) -> str:
    """One complaint for each transaction."""
    return f"I-{play.transaction_id}"


def _complained(status: str, *actions: str) -> Callable[[Play], Json]:
    """A complaint of version 1.0.0 with everything that the customer did about it."""

    def build(play: Play) -> Json:
        order, now = play.got("on_confirm").order, wire_time(play.stage.buyer.clock())
        buyer, customer = play.stage.buyer.participant.subscriber_id, play.stage.customer
        contact = {"phone": customer.phone, "email": customer.email}
        person = {"name": customer.name}
        by = {"org": {"name": f"{buyer}::{play.domain}"}, "contact": contact, "person": person}
        issue = {
            "id": _issue_id(play),
            "category": "FULFILLMENT",
            "sub_category": "FLM03",
            "issue_type": "ISSUE",
            "status": status,
            "source": {"network_participant_id": buyer, "type": "CONSUMER"},
            "complainant_info": {"person": person, "contact": contact},
            "order_details": {
                "id": order_id(play),
                "state": str(order.get("status", "")),
                "items": [{"id": one["id"], "quantity": 1} for one in order["items"]],
                "fulfillments": [{"id": one["id"], "state": "Pending"} for one in order["fulfillments"]],
                "provider_id": order["provider"]["id"],
            },
            "description": {"short_desc": "Nobody came", "long_desc": "Nobody came at the agreed time"},
            "expected_response_time": {"duration": "PT2H"},
            "expected_resolution_time": {"duration": "P1D"},
            "issue_actions": {
                "complainant_actions": [
                    {"complainant_action": one, "short_desc": one, "updated_at": now, "updated_by": by}
                    for one in actions
                ]
            },
            "created_at": now,
            "updated_at": now,
        }
        return {"issue": issue}

    return build


def _of_version_2(play: Play) -> Json:
    """A complaint of version 2.0.0: actors, references and one list of actions."""
    order, now = play.got("on_confirm").order, wire_time(play.stage.buyer.clock())
    buyer, seller = play.stage.buyer.participant.subscriber_id, str(play.got("on_confirm").context["bpp_id"])
    actors = (("CUST1", "CONSUMER", buyer), ("NP1", "INTERFACING_NP", buyer), ("NP2", "COUNTERPARTY_NP", seller))
    issue = {
        "id": f"{_issue_id(play)}-2",
        "status": "OPEN",
        "level": "ISSUE",
        "created_at": now,
        "updated_at": now,
        "expected_response_time": {"duration": "PT2H"},
        "expected_resolution_time": {"duration": "P1D"},
        "refs": [
            {"ref_id": order_id(play), "ref_type": "ORDER"},
            {"ref_id": order["provider"]["id"], "ref_type": "PROVIDER"},
            {"ref_id": order["fulfillments"][0]["id"], "ref_type": "FULFILLMENT"},
        ],
        "actors": [
            {"id": one, "type": kind, "info": {"org": {"name": f"{who}::{play.domain}"}}} for one, kind, who in actors
        ],
        "source_id": "CUST1",
        "complainant_id": "NP1",
        "respondent_ids": ["NP2"],
        "descriptor": {"code": "FLM004", "short_desc": "Nobody came", "long_desc": "Nobody came at the agreed time"},
        "last_action_id": "A1",
        "actions": [
            {
                "id": "A1",
                "descriptor": {"code": "OPEN", "short_desc": "Complaint created"},
                "updated_at": now,
                "action_by": "NP1",
                "actor_details": {"name": play.stage.customer.name},
            }
        ],
    }
    return {"issue": issue}


def _recon(*, off_by: Decimal = Decimal(0)) -> Callable[[Play], Json]:
    """The order's total and its parts: the buyer app's commission, and the rest for the seller app less ``off_by``."""

    def build(play: Play) -> Json:
        order = play.got("on_confirm").order
        total = Decimal(order["quote"]["price"]["value"])
        fee = (total * Decimal(3) / 100).quantize(PAISA)
        none = _rupees(Decimal(0))
        settlement = {
            "id": play.stage.buyer.new_id(),
            "payment_id": order["payments"][0].get("id", ""),
            "status": "PENDING",
            "amount": _rupees(total - fee - off_by),
            "commission": _rupees(fee + off_by),
            "withholding_amount": none,
            "tcs": none,
            "tds": none,
            "updated_at": wire_time(play.stage.buyer.clock()),
        }
        entry = {"id": order_id(play), "amount": _rupees(total), "settlements": [settlement], "recon_accord": False}
        return {"orders": [entry]}

    return build


def _rupees(amount: Decimal) -> Json:
    return {"currency": "INR", "value": f"{amount:.2f}"}


def _served(action: str, build: Callable[[Play], Json], twist: Twist, probe: str) -> Do:
    """The first message; where it is refused, the seller does not serve this."""

    async def ask(play: Play) -> None:
        answer = await Ask(probe=probe, action=action, build=build, twist=twist).send(play)
        if answer.status == HTTPStatus.NOT_FOUND or not answer.acked:
            raise Impossible(f"not served: {action} was answered by HTTP {answer.status} {answer.error_code}".strip())
        await until(play, lambda: bool(answers(play, answer)))

    return Do(name=probe, does=ask, waits_for=f"ACK, then on_{action}")


def _issue(probe: str, build: Callable[[Play], Json], action: str = "issue", **more: Any) -> Ask:
    return Ask(probe=probe, action=action, build=build, **more)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="grievance",
        title="A complaint is raised, asked after and closed",
        steps=(
            *booked(),
            _served("issue", _complained("OPEN", "OPEN"), _of_version_1, "issue"),
            Tries(
                name="issue_status",
                tries=(
                    _issue(
                        "issue_status", lambda play: {"issue_id": _issue_id(play)}, "issue_status", twist=_of_version_1
                    ),
                ),
            ),
            Tries(
                name="issue_closed",
                tries=(_issue("issue_closed", _complained("CLOSED", "OPEN", "CLOSE"), twist=_of_version_1),),
                answers=False,
            ),
            Tries(name="issue_2", tries=(_issue("issue_2", _of_version_2),)),
        ),
        once=True,
    ),
    Scenario(
        name="reconciliation",
        title="What is owed for a completed order is agreed upon",
        steps=(
            *booked(),
            *carried_out(),
            _served("recon", _recon(), _reconciled, "recon"),
            Tries(
                name="recon_wrong",
                tries=(Ask(probe="recon_wrong", action="recon", build=_recon(off_by=Decimal(20)), twist=_reconciled),),
            ),
        ),
        once=True,
    ),
)
