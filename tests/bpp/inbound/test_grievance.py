"""The page of grievances names the officer and says in both languages how a complaint is made and what follows."""

from __future__ import annotations

import base64
import hashlib
import re

from bpp.inbound.docs import links_of
from bpp.inbound.grievance import PATH, STYLE, grievance_html
from bpp.inbound.grievance_words import ENGLISH, HINDI
from bpp.inbound.layout import policy_of
from bpp.settings import load_settings

SETTINGS = load_settings(
    {
        "BPP_GRO_NAME": "A. <b>Verma</b>",
        "BPP_GRO_PHONE": "05221234567",
        "BPP_GRO_EMAIL": "gro@example.in",
        "BPP_SUPPORT_PHONE": "155330",
    }
)
PAGE = grievance_html(SETTINGS)


def test_the_officer_is_named_in_both_languages_and_nothing_of_it_is_markup():
    assert PAGE.count("05221234567") == PAGE.count("gro@example.in") == 2
    assert PAGE.count("A. &lt;b&gt;Verma&lt;/b&gt;") == 2
    assert "<b>" not in PAGE


def test_the_ticket_the_48_hours_and_the_month_are_promised_in_both_languages():
    for words, promises in ((ENGLISH, ("ticket number", "48 hours", "1 month")), (HINDI, ("टिकट", "48 घंटे", "1 महीने"))):
        (part,) = re.findall(rf'<section id="{words.lang}" lang="{words.lang}">(.*?)</section>', PAGE, re.DOTALL)
        assert [one for one in (*promises, "155330", "1915") if one not in part] == []


def test_there_is_neither_script_nor_style_of_an_element_nor_anything_that_is_loaded():
    assert re.findall(r"<(script|img|link|iframe)|\bon\w+=|\bstyle=|src=", PAGE) == []


def test_the_style_is_the_one_that_the_policy_of_the_page_allows():
    (style,) = re.findall(r"<style>(.*?)</style>", PAGE)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"style-src 'sha256-{digest}';" in policy_of(STYLE)
    assert "unsafe" not in policy_of(STYLE)


def test_there_is_a_form_in_each_language_whose_fields_all_have_labels():
    ids = re.findall(r'<(?:input|select|textarea) id="([^"]+)"', PAGE)

    assert PAGE.count('<form method="post">') == 2
    assert len(ids) == len(set(ids)) == 8
    assert [one for one in ids if f'<label for="{one}">' not in PAGE] == []


def test_what_was_typed_comes_back_as_text_in_the_form_that_was_sent():
    mark = "\"'><img src=x>"
    page = grievance_html(SETTINGS, told=["no"], to="en", typed=dict.fromkeys(("order", "phone", "code", "text"), mark))

    assert "<img" not in page
    assert page.count("&quot;&#x27;&gt;&lt;img src=x&gt;") == 3
    assert page.index('<section id="en" lang="en">') < page.index('<section id="hi" lang="hi">')


def test_the_page_of_what_we_support_links_to_it():
    assert [url for url in links_of(SETTINGS).values() if url.endswith(PATH)] != []
