"""What is asked before a complaint is taken down, or made: what it is about, and in which words."""

from __future__ import annotations

from typing import Literal

from bpp.console.language import gettext
from bpp.console.orders.asking import Asked, Asking, Input
from bpp.console.page import Visit
from bpp.console.shown import said
from bpp.core.tickets import LONGEST_WORDS
from bpp.core.world import World
from bpp.issues.categories import complaints_about
from bpp.orders.model import Order
from bpp.storage.ports import Work

Against = Literal["us", "buyer_app"]


def complaining(against: Against) -> Asking:
    """What is wrong: the category, and in words, the customer's or ours."""

    async def ask(visit: Visit, order: Order, work: Work, world: World) -> Asked:
        del visit, order, work, world
        codes = [(one.code, said(one.label)) for one in complaints_about(against)]
        of_customer = against == "us"
        words = Input(
            name="complaint",
            label=gettext("What the customer says") if of_customer else gettext("What we complain of"),
            required=True,
            longest=LONGEST_WORDS,
            hint=gettext("The provider and the district officer read it.")
            if of_customer
            else gettext("The buyer app reads it as it stands here."),
        )
        return Asked(
            inputs=[Input(name="code", label=gettext("What it is about"), options=codes, required=True), words]
        )

    return ask
