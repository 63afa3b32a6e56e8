"""Every page of the console in a real browser, whoever adds one: no barrier, nothing wider than the window, no complaint.

In both languages, on a telephone and on a desk, light and dark. With ``BPP_TEST_SCREENSHOTS`` set to a folder, pictures
of all of them are left there to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import ViewportSize

from bpp.console.app import PAGES
from bpp.people.model import Role
from tests.support.browser import DESK, PHONE
from tests.support.console import Window, a_visitor, a_window, add_person
from tests.support.console_borders import kind_of, sides, walk
from tests.support.network import Network
from tests.support.settlements_console import a_dispute

SIZES = {"telephone": PHONE, "desk": DESK}
OK = 200


async def addresses(network: Network) -> dict[str, str]:
    """One address of every kind of page, by its name; the pages are those of an administrator, who sees them all."""
    side, _ = await sides(network)
    confirmed, _ = await network.completed()
    await a_dispute(network, await network.ref(confirmed))
    await add_person(network, Role.ADMIN)
    async with a_visitor(network) as visitor:
        await visitor.sign_in(Role.ADMIN.value)
        found = await walk(visitor, side, Role.ADMIN)
    parts = {one.name for one in PAGES if one.part}
    kinds: dict[str, str] = {}
    for path, page in found.pages.items():
        kind = kind_of(path) or ""
        if page.status == OK and kind not in parts:
            kinds.setdefault(kind, path)
    return kinds


@pytest.mark.parametrize(("language", "size", "scheme"), [("hi", "telephone", "dark"), ("en", "desk", "light")])
async def test_no_page_has_a_barrier_or_is_wider_than_its_window(network, browser, language, size, scheme):
    kinds = await addresses(network)
    found: dict[str, object] = {}
    async with a_window(browser, network, language, SIZES[size], reduced_motion="reduce") as window:
        await window.sign_in(Role.ADMIN.value)
        for kind, path in kinds.items():
            await window.page.set_viewport_size(SIZES[size])
            await window.page.emulate_media(color_scheme=scheme)
            await window.open(path)
            problems = [*await window.barriers(), *await too_wide(window)]
            await picture(window, f"{kind}-{language}-{size}-{scheme}")
            await window.page.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
            problems += await window.barriers()
            if problems:
                found[path] = problems
        complaints = window.complaints

    assert found == {}
    assert complaints == []
    assert len(kinds) > len(PAGES) / 2


async def too_wide(window: Window) -> list[str]:
    """The sizes for which the page is wider than the window."""
    found = []
    for name, size in SIZES.items():
        await window.page.set_viewport_size(size)
        if wide := await window.overflow():
            found.append(f"{wide} pixels too wide on a {name}")
    return found


async def picture(window: Window, name: str) -> None:
    """Leave a picture of the whole page, where pictures are wanted."""
    if folder := os.environ.get("BPP_TEST_SCREENSHOTS"):
        size: ViewportSize = PHONE if "telephone" in name else DESK
        await window.page.set_viewport_size(size)
        await window.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
