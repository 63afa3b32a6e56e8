from __future__ import annotations

import io

import pytest

from bpp.sandbox.narrate import WIDTH, Check, Narrator, lines, pick

DOCUMENT = {"message": {"order": {"id": "O1", "items": [{"id": "I1"}, {"id": "I2"}]}}}


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Ascii(io.TextIOWrapper):
    def __init__(self):
        super().__init__(io.BytesIO(), encoding="ascii")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("message.order.id", "O1"),
        ("message.order.items[1].id", "I2"),
        ("message.order.items[2].id", None),
        ("message.order.id.more", None),
        ("message.order[0]", None),
        ("nothing", None),
    ],
)
def test_a_path_names_a_value_or_nothing(path, value):
    assert pick(DOCUMENT, path) == value


def test_the_story_stays_within_its_columns():
    out = io.StringIO()
    narrator = Narrator(out)

    narrator.title("A booking")
    narrator.chapter("It begins")
    narrator.tell("word " * 100)
    narrator.message("Buyer app", "search", "Gateway", [("a.path", "words " * 40), ("empty", ""), ("none", None)])
    narrator.check(*(Check(text=f"promise number {number} held", held=True) for number in range(10)))

    told = out.getvalue()
    assert max(len(line) for line in told.splitlines()) <= WIDTH
    assert "empty" not in told
    assert told.count("✓") == 10
    assert "1. It begins" in told


def test_a_long_address_is_shown_whole():
    out = io.StringIO()
    address = "http://127.0.0.1:8080/invoices/" + "x" * 60

    Narrator(out).message("A", "b", "C", [("message.order.documents[0].url", address)])

    assert address in out.getvalue()


def test_what_did_not_hold_is_marked_and_explained():
    out = io.StringIO()
    narrator = Narrator(out)

    narrator.check(Check(text="two is two", held=True), Check(text="one is two", held=False, detail="one is one"))

    assert out.getvalue() == "  ✓ two is two  ✗ one is two: one is one\n"
    assert [one.held for one in narrator.checks] == [True, False]


@pytest.mark.parametrize(
    ("out", "colour", "painted"),
    [
        (Terminal(), None, True),
        (Terminal(), False, False),
        (io.StringIO(), None, False),
        (io.StringIO(), True, True),
    ],
)
def test_colour_is_for_terminals(out, colour, painted):
    narrator = Narrator(out, colour=colour)
    narrator.check(Check(text="held", held=True))

    assert ("\x1b[" in out.getvalue()) == painted


def test_a_terminal_without_unicode_is_spoken_to_plainly():
    out = Ascii()
    narrator = Narrator(out)

    narrator.message("A", "b", "C", lines(DOCUMENT, "message.order.id"))
    narrator.check(Check(text="held", held=True))

    out.seek(0)
    assert "A --> b --> C" in (told := out.read())
    assert "+ held" in told
