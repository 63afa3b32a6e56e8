"""Every text that somebody can see is there in both languages, and each is read as it was written."""

from __future__ import annotations

import re

from tests.support.texts import catalogs, said, translated

GAP = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]+\}")


def test_every_text_has_its_hindi():
    missing = {text: files for text, files in said().items() if text not in translated()}

    assert missing == {}


def test_no_hindi_is_empty_or_english():
    empty = [
        (path.name, one.id)
        for path, catalog in catalogs()
        for one in catalog
        if one.id and not all(re.search(r"[\u0900-\u097f]|^\W*\w{0,6}\W*$", text) for text in strings(one))
    ]

    assert empty == []


def test_nothing_is_translated_that_nobody_says():
    assert sorted(map(str, translated().keys() - said().keys())) == []


def test_a_text_that_stands_in_two_files_is_the_same_in_both():
    differing = {text: found for text, found in translated().items() if len({str(hindi) for _, hindi in found}) > 1}

    assert differing == {}


def test_the_gaps_of_a_text_are_those_of_its_hindi():
    wrong = [
        (one.id, text)
        for _, catalog in catalogs()
        for one in catalog
        if one.id
        for text in strings(one)
        if set(GAP.findall(text)) != set(GAP.findall(one.id if isinstance(one.id, str) else one.id[1]))
    ]

    assert wrong == []


def strings(message):
    return [message.string] if isinstance(message.string, str) else list(message.string)
