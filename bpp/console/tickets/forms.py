"""The fields of what may be answered in a complaint; each model has the names of the form that ``asking`` makes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from beckn_schemas.base import MAX_ID
from bpp.console.money.fields import Fee
from bpp.console.page import Form
from bpp.issues.words import Language
from bpp.operator.ticket_models import Long

LONGEST_OWN = 500
Own = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_OWN)]
Id = Annotated[str, StringConstraints(max_length=MAX_ID)]


class InLanguage(Form):
    """In which language our words are said."""

    language: Language = "hi"


class Words(InLanguage):
    """Own words in the place of ours."""

    text: Own = ""


class GivingBack(InLanguage):
    """How much goes back, of which item."""

    amount: Fee
    item_id: Id = ""


class Offering(InLanguage):
    """What is offered; at least one."""

    amount: Fee | None = None
    item_id: Id = ""
    again: Literal["yes"] | None = None
    cancel: Literal["yes"] | None = None


class Why(InLanguage):
    """Why nothing is done."""

    why: Long


class Noting(Form):
    """What is noted."""

    text: Long


class Choosing(Words):
    """Which of the solutions is taken; empty: the only one."""

    resolution_id: Id = ""
