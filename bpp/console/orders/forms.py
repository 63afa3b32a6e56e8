"""The fields of what may be done to an order; each model has the names of the form that ``asking`` makes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from beckn_schemas.base import MAX_ID
from bpp.console.money.fields import Fee
from bpp.console.page import Form
from bpp.operator.feedback import Text as Feedback
from bpp.operator.order_events import DropOut, ExpectedFee, Reason
from bpp.operator.ticket_models import Long

Id = Annotated[str, StringConstraints(max_length=64)]
MOST_LINES = 3
"""Lines of a quotation that are asked for."""


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Why(Form):
    """A reason: a code of the network's, or own words instead, which count where there are any."""

    reason: Reason
    own_words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""

    @property
    def said(self) -> str:
        """What is told."""
        return self.own_words or self.reason


class Cancelling(Why):
    """The charge as it was said, and why."""

    expect_fee: ExpectedFee


class Moving(Form):
    """The charge as it was said, and the new start."""

    start: AwareDatetime
    expect_fee: ExpectedFee


class Whom(Form):
    """Who is sent; empty: the best free one."""

    worker_id: Id = ""


class Dropping(Form):
    """Why the worker cannot go."""

    reason: DropOut


class Token(Form):
    """What the customer was sent."""

    otp: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16)]


class Override(Form):
    """Why the work begins without the OTP."""

    reason: Reason


class Quoting(Form):
    """A further quotation: up to three lines."""

    title_1: Title
    price_1: Fee
    count_1: int = Field(default=1, ge=1, le=999)
    title_2: Title | None = None
    price_2: Fee | None = None
    count_2: int = Field(default=1, ge=1, le=999)
    title_3: Title | None = None
    price_3: Fee | None = None
    count_3: int = Field(default=1, ge=1, le=999)
    valid_for: Annotated[str, StringConstraints(pattern=r"^(PT1H|PT4H|P1D|P2D)$")] = "P1D"
    minutes: int = Field(default=0, ge=0, le=60 * 24)

    @model_validator(mode="after")
    def _whole_lines(self) -> Quoting:
        for place in range(1, MOST_LINES + 1):
            if (getattr(self, f"title_{place}") is None) != (getattr(self, f"price_{place}") is None):
                raise PydanticCustomError("half_a_line", "each line needs a name and a price")
        return self

    @property
    def lines(self) -> list[dict[str, object]]:
        """The lines that were filled in, as the operator API takes them."""
        rows = ((getattr(self, f"{name}_{place}") for name in ("title", "price", "count")) for place in range(1, 4))
        return [{"title": title, "price": each, "count": count} for title, each, count in rows if title]


class WhichQuote(Form):
    """The quotation that is meant."""

    quote_id: Id = ""


class Refusing(WhichQuote):
    """And why it is not wanted."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class Paying(Form):
    """Which payment came in, and by which number."""

    payment_id: Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID)]
    transaction_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ID)]


class RatingGiven(Form):
    """What the customer says of the work."""

    provider_stars: int = Field(ge=1, le=5)
    worker_stars: int | None = Field(default=None, ge=1, le=5)
    worker_id: Id = ""
    feedback: Feedback = ""


class Refunding(Form):
    """What goes back, of what, and why."""

    item_id: Id
    amount: Fee
    reason: Reason


class Redoing(Form):
    """When the work is done again, and why."""

    start: AwareDatetime
    reason: Reason


class Complaining(Form):
    """What somebody is not content with: the code, and in words."""

    code: Id
    complaint: Long
