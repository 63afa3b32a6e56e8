"""What is read quickly is what pydantic alone would have made of it, and what is refused is refused in its words."""

from __future__ import annotations

import copy
import json
from typing import Annotated, Any, get_args

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from beckn_schemas.requests import MAX_ITEMS, Items
from tests.beckn_schemas.test_checked_alike import VALUES, places

QUICK: TypeAdapter[Any] = TypeAdapter(Items)
THOROUGH: TypeAdapter[Any] = TypeAdapter(Annotated[get_args(Items)[:-1]])  # type: ignore[arg-type]

TAG = {"descriptor": {"code": "TYPE", "name": "Type"}, "value": {"anything": ["at", "all"]}}
ITEM: dict[str, Any] = {
    "id": "I1",
    "parent_item_id": "I0",
    "quantity": {"selected": {"count": 2}},
    "location_ids": ["L1"],
    "fulfillment_ids": ["F1", "F2"],
    "category_ids": ["SRV11-1010"],
    "payment_ids": ["P1"],
    "tags": [{"descriptor": {"code": "ATTRIBUTE"}, "list": [TAG]}],
    "unknown": {"to": "us"},
}
BOUNDS = st.sampled_from(
    ["x" * 255, "x" * 256, "x" * 10_000, "x" * 10_001, 1_000_000, 1_000_001, 1.0, ["I"] * 51, "नल" * 128]
)


def said(adapter, value):
    """What comes of a value: what was read, or every fault with its place."""
    try:
        read = adapter.validate_python(value)
        return read, json.dumps(read, sort_keys=True)  # equal, and no number for a truth value
    except ValidationError as problem:
        return sorted((str(one["loc"]), one["type"], one["msg"]) for one in problem.errors())


@st.composite
def items(draw: st.DrawFn) -> Any:
    """Items of a right order with up to three changes: a key lost, another value, one more, or one out of bounds."""
    order: list[Any] = copy.deepcopy([ITEM, {"id": "I2"}])
    for _ in range(draw(st.integers(0, 3))):
        if not (found := list(places(order))):
            break
        holder, key = found[draw(st.integers(0, len(found) - 1))]
        match draw(st.sampled_from(["lose", "replace", "repeat", "bound"])):
            case "lose":
                del holder[key]
            case "replace":
                holder[key] = copy.deepcopy(draw(VALUES))
            case "bound":
                holder[key] = copy.deepcopy(draw(BOUNDS))
            case "repeat" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
    return order


@settings(max_examples=500)
@given(items())
def test_either_way_the_same_comes_of_items(value):
    quick = said(QUICK, value)
    event("refused" if isinstance(quick, list) else "read")
    assert quick == said(THOROUGH, value)


@pytest.mark.parametrize("value", [[], [ITEM] * MAX_ITEMS, [ITEM] * (MAX_ITEMS + 1), {"id": "I1"}, "I1", None, [None]])
def test_either_way_the_same_comes_of_what_is_no_list_of_items_and_of_too_many(value):
    assert said(QUICK, value) == said(THOROUGH, value)


def test_an_item_needs_an_id_and_nothing_else_and_what_is_not_known_goes():
    assert QUICK.validate_python([ITEM])[0].keys() == ITEM.keys() - {"unknown"}
    assert QUICK.validate_python([{"id": "I1"}]) == ({"id": "I1"},)
    with pytest.raises(ValidationError):
        QUICK.validate_python([{key: part for key, part in ITEM.items() if key != "id"}])
