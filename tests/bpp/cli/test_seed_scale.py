"""`bpp seed --scale`: a database filled with made-up catalogs of several sizes."""

from __future__ import annotations

import pytest

COUNTS = {"demo": (6, 55, 22), "district": (40, 4_000, 2_000)}


@pytest.mark.parametrize("scale", COUNTS)
def test_seeding_with_a_scale_fills_an_empty_database_once_and_over_it_by_force(bpp, scale):
    asked = ("seed", "--json", "--scale", scale)
    first, second, third = (bpp(*asked, *more) for more in ([], [], ["--force"]))

    assert [one.json["seeded"] for one in (first, second, third)] == [True, False, True]
    assert tuple(first.json[name] for name in ("providers", "offerings", "workers")) == COUNTS[scale]


def test_a_folder_and_a_scale_cannot_both_be_asked_for(bpp, tmp_path):
    said = bpp("seed", "--catalog", str(tmp_path), "--scale", "up")

    assert said.status == 2
    assert "one of the two" in said.err


def test_a_scale_that_there_is_not_is_misuse(bpp):
    assert bpp("seed", "--scale", "galaxy").status == 2
