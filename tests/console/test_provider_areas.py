"""How far a provider goes, without a browser: an area is added, changed, given up, and what stands in the way is said."""

from __future__ import annotations

import re

import pytest

from bpp.console.provider.areas import TRADES
from bpp.people.model import Role
from catalog.codes import domains, wildcard_of
from tests.support.console import signed_in
from tests.support.provider_pages import HOME, OWN, changed, told

NEW = f"{HOME}/new-area"
IN_TWO_DISTRICTS = "209121"


@pytest.fixture
async def owner(network):
    async with signed_in(network, Role.PROVIDER, provider_id=OWN) as visitor:
        yield visitor


async def areas(network):
    return [(one["category"], one["kind"], one["val"]) for one in (await told(network, f"/providers/{OWN}"))["areas"]]


def test_an_area_is_for_one_of_the_trades_that_there_are():
    assert sorted(TRADES) == sorted(wildcard_of(one) for one in domains())


async def test_an_area_is_added_without_anybodys_approval_and_given_up_again(network, owner):
    before = await areas(network)
    form = await owner.get(f"{NEW}?q=22600")
    assert "nobody has to approve it" in form.words

    none = await owner.send(form, "/areas", start="L1", trade="SRV12-*", kind="11")
    added = await owner.send(form, "/areas", start="L1", trade="SRV12-*", kind="11", pin_226001="on")

    assert (none.status, "Please tick at least one pincode." in none.words) == (422, True)
    assert "Stored." in added.words
    assert await areas(network) == [*before, ("SRV12-*", "11", "226001")]
    gone = await owner.send(await owner.get(f"{HOME}/areas/L1~SRV12-*~11"), "/give-up")
    assert "Stored." in gone.words
    assert await areas(network) == before


async def test_an_area_is_added_once_and_no_two_of_a_kind_stand_side_by_side(network, owner):
    where, fields = (await owner.get(NEW)).form("/areas")
    wanted = {**fields, "start": "L1", "trade": "SRV12-*", "kind": "10", "km": "5"}

    answers = [await owner.post(where, wanted) for _ in range(2)]
    again = await owner.send(await owner.get(NEW), "/areas", start="L1", trade="SRV12-*", kind="10", km="8")
    await owner.send(await owner.get(NEW), "/areas", start="L1", trade="SRV12-*", kind="11", pin_226001="on")
    turned = await owner.send(await owner.get(f"{HOME}/areas/L1~SRV12-*~11"), "/reach", kind="10", km="9")

    assert ["Stored." in one.words for one in answers] == [True, True]
    for refused in (again, turned):
        assert refused.status == 409
        assert "There is such an area for this place and this trade already." in refused.words
    assert [one for one in await areas(network) if one[0] == "SRV12-*"] == [
        ("SRV12-*", "10", "5"),
        ("SRV12-*", "11", "226001"),
    ]


async def test_an_area_in_which_something_is_sold_stays(network, owner):
    before = await areas(network)

    refused = await owner.send(await owner.get(f"{HOME}/areas/L1~SRV11-*~10"), "/give-up")

    assert refused.status == 422
    assert "still need what would be taken away" in refused.words
    assert await areas(network) == before


@pytest.mark.parametrize("km", ["", "far", "0", "5000"])
async def test_kilometres_that_are_none_are_refused_beside_their_field(network, owner, km):
    before = await areas(network)

    refused = await owner.send(await owner.get(NEW), "/areas", start="L1", trade="SRV12-*", kind="10", km=km)

    assert refused.status == 422
    assert 'id="wrong-km"' in refused.text
    assert await areas(network) == before


async def test_nobody_adds_an_area_round_a_place_of_another(network, owner):
    refused = await owner.send(await owner.get(NEW), "/areas", start="L9", trade="SRV12-*", kind="12")

    assert refused.status == 422
    assert 'id="wrong-start"' in refused.text


async def test_a_pincode_in_two_districts_is_one_box_so_that_it_can_be_unticked(network, owner):
    await changed(network, f"/providers/{OWN}", districts=["129", "156", "157", "162"])

    form = await owner.get(NEW)

    boxes = re.findall(r'name="pin_(\d+)"', form.text)
    assert boxes.count(IN_TWO_DISTRICTS) == 1
    assert len(boxes) == len(set(boxes))


async def test_what_was_not_shown_stays_chosen_when_a_form_is_refused_and_sent_again(network, owner):
    before = (await told(network, f"/providers/{OWN}"))["districts"]
    lucknow = await owner.get(f"{HOME}/coverage?q=226010")
    where, fields = lucknow.form("districts")

    refused = await owner.post(where, {name: text for name, text in fields.items() if name != "at_162"})
    ticked = {name for name in refused.form("districts")[1] if name.startswith("at_")}

    assert refused.status == 422
    assert ticked == {f"at_{one}" for one in before if one != "162"}
