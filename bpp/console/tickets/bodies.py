"""What the operator API is told by each form of a complaint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpp.console.tickets import forms
from bpp.console.tickets.answer import Body
from bpp.issues.model import Code
from bpp.operator.problems import UNPROCESSABLE, ApiProblem

OFFERS: Mapping[str, Mapping[str, str]] = {"again": {"code": "REPLACEMENT"}, "cancel": {"code": "CANCEL"}}


def asked_for(what: str) -> Body:
    """Ask for something."""
    return lambda form: {"step": "ask", "wanted": [what], "text": form.text, "language": form.language}


def offered(form: forms.Offering) -> Mapping[str, Any]:
    """What is offered; ApiProblem where that is nothing."""
    options: list[Mapping[str, str]] = []
    if form.amount is not None:
        options.append({"code": "REFUND", "amount": form.amount, "item_id": form.item_id})
    options += [option for name, option in OFFERS.items() if getattr(form, name)]
    if not options:
        raise ApiProblem(UNPROCESSABLE, "nothing_offered", "at least one solution is expected")
    return {"step": "propose", "options": options, "language": form.language}


def again_offered(form: forms.InLanguage) -> Mapping[str, Any]:
    """The work once more."""
    return {"step": "propose", "options": [OFFERS["again"]], "language": form.language}


def given_back(form: forms.GivingBack) -> Mapping[str, Any]:
    """Money back, at once."""
    option = {"code": "REFUND", "amount": form.amount, "item_id": form.item_id}
    return {"step": "resolve", "option": option, "language": form.language}


def resolved(code: str) -> Body:
    """A remedy, at once."""
    return lambda form: {"step": "resolve", "option": {"code": code}, "language": form.language}


def refused(form: forms.Why) -> Mapping[str, Any]:
    """Nothing is done."""
    option = {"code": "NO_ACTION", "text": form.why}
    return {"step": "resolve", "option": option, "language": form.language}


def noted(form: forms.Noting) -> Mapping[str, Any]:
    """A note."""
    return {"step": "note", "text": form.text}


def said(code: Code, step: str = "customer") -> Body:
    """What a customer says at our desk; as ``answer``, what we say in a complaint of ours."""
    return lambda form: {"step": step, "says": code.value, **form.model_dump()}
