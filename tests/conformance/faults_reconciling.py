"""What sellers do wrong in reconciliations."""

from __future__ import annotations

from tests.conformance.altered import Altered, acked, answered, says, silent
from tests.support.json_edit import DELETE

_ORDER = "message.orders[0]"
_LINE = f"{_ORDER}.settlements[0]"
_AGREED, _DIFFERING, _REFUSED = "recon_agreed", "recon_differing", "recon_refused"


def _row(name: str, check: str, alter: object, scenario: str = "reconciliation") -> Altered:
    return Altered(name=name, check=check, scenario=scenario, alter=alter)  # type: ignore[arg-type]


ALTERED: tuple[Altered, ...] = (
    _row("says nothing", "recon_answered", silent("on_recon")),
    _row("another buyer app", "recon_context", says("on_recon", "context.bap_id", "other.example")),
    _row("the services' domain", "recon_context", says("on_recon", "context.domain", "ONDC:SRV11")),
    _row("half a minute to live", "recon_context", says("on_recon", "context.ttl", "PT30S")),
    _row("clock behind", "recon_later", says("on_recon", "context.timestamp", "2020-01-01T00:00:00.000Z")),
    _row("another order", "recon_orders", answered(_AGREED, f"{_ORDER}.id", "O-2")),
    _row("no tax", "recon_keys", answered(_AGREED, f"{_LINE}.tcs", DELETE)),
    _row("one decimal", "recon_money", answered(_AGREED, f"{_LINE}.amount.value", "10.0")),
    _row("a number", "recon_money", answered(_DIFFERING, f"{_LINE}.amount.diff_value", 20)),
    _row("no word", "recon_accord", answered(_AGREED, f"{_ORDER}.recon_accord", DELETE)),
    _row("no day", "recon_accord", answered(_AGREED, f"{_LINE}.due_date", DELETE)),
    _row("no difference", "recon_accord", answered(_DIFFERING, f"{_LINE}.tds.diff_value", DELETE)),
    _row("a moment", "recon_due_date", answered(_AGREED, f"{_LINE}.due_date", "2026-02-03T00:00:00.000Z")),
    _row("parts that do not add up", "recon_sum", answered(_AGREED, f"{_ORDER}.amount.value", "1.00")),
    _row("another difference", "recon_difference", answered(_DIFFERING, f"{_LINE}.amount.diff_value", "19.00")),
    _row("agrees to anything", "recon_differing", answered(_DIFFERING, f"{_ORDER}.recon_accord", value=True)),
    _row("agrees to nothing", "recon_agreed", answered(_AGREED, f"{_ORDER}.recon_accord", value=False)),
    _row("another code", "recon_of_unknown_order", answered("recon_of_unknown_order", "error.code", "30018"), _REFUSED),
    _row("takes half a question", "recon_without_settlements", acked("recon_without_settlements"), _REFUSED),
)
