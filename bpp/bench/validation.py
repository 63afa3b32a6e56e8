"""Scenario ``validation``: what the product makes of the bytes of a select before it acts, over one verification."""

from __future__ import annotations

import gc
import uuid

import orjson

from beckn_schemas.nulls import says_null
from bpp.app import utc_now
from bpp.bench.bodies import buyers, select
from bpp.bench.micro import timed
from bpp.bench.pair import one_signature_check
from bpp.bench.run import Found, Run
from bpp.collecting import collect_seldom
from bpp.domains.peers import UNCONFIGURED
from bpp.inbound.decode import decode
from bpp.inbound.envelope import read_json


def validation(run: Run) -> Found:
    """Strict JSON, known odd spellings, the schema: as the network's door does it, and as seldom interrupted."""
    visits, sender = run.stage.visits, buyers("http://127.0.0.1:9")[0]
    number, start = visits.starts[0]
    body = orjson.dumps(select(visits.targets[number], start, sender, str(uuid.uuid4()), utc_now()))
    dialect = UNCONFIGURED.of(sender.subscriber_id)

    def read() -> object:
        return decode("select", read_json(body), dialect, nulls=says_null(body))

    before = gc.get_threshold()
    collect_seldom()
    try:
        rounds = timed({"validation": read, "verify": one_signature_check}, run)
    finally:
        gc.set_threshold(*before)
    found = Found(values={"validation.select": [one["validation"] / one["verify"] for one in rounds]})
    found.raw["validation"] = [{**one, "bytes": len(body)} for one in rounds]
    return found
