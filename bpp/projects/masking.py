"""Personal data of project work: shown in part to whoever need not know it, and forgotten when it was kept long enough.

A department or company is no person: its name and tax number stay. Pure.
"""

from __future__ import annotations

from dataclasses import replace

from bpp.orders.masking import HIDDEN, partly
from bpp.projects.model import Consumer, Mou, Project


def without_consumer(project: Project) -> Project:
    """The project as somebody sees it who need not know the consumer: what is wanted, by its title, stays."""
    wanted, who = project.requirement, project.requirement.consumer
    return replace(
        project,
        requirement=replace(
            wanted,
            consumer=replace(
                who,
                name=partly("name", who.name),
                phone=partly("phone", who.phone),
                email=partly("email", who.email),
                gstin=_tax_number(who),
            ),
            details=_hidden(wanted.details),
            place=_hidden(wanted.place),
            attachments=(),
        ),
        milestones=tuple(replace(one, dispute=_hidden(one.dispute)) for one in project.milestones),
        mou=_signed(project.mou, "name") if project.mou else None,
    )


def forgotten(project: Project) -> Project:
    """The project without anything personal and without free words: who did what kind of work where for how much.

    Of the MOU its digest stays, which tells whether a copy that somebody shows is the text that was accepted.
    """
    wanted, seller = project.requirement, project.contractor
    consumer = replace(wanted.consumer, name="", phone="", email="", gstin=_tax_number(wanted.consumer))
    bare = replace(wanted, consumer=consumer, title="", details="", place="", attachments=())
    return replace(
        project,
        requirement=bare,
        bids=tuple(replace(one, details="") for one in project.bids),
        contractor=replace(seller, phone="", email="") if seller else None,
        milestones=tuple(replace(one, dispute="") for one in project.milestones),
        mou=replace(_signed(project.mou, ""), text="") if project.mou else None,
    )


def _signed(mou: Mou, name: str) -> Mou:
    """The MOU with those who accepted it named in part, or not at all."""
    return replace(
        mou,
        acceptances=tuple(replace(yes, name=partly(name, yes.name) if name else "") for yes in mou.acceptances),
    )


def _hidden(text: str) -> str:
    return HIDDEN if text else ""


def _tax_number(who: Consumer) -> str:
    return "" if who.kind == "citizen" else who.gstin
