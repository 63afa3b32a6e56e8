"""``/grievance``: whom to complain to, how, and what happens then; a form for it; in both languages, without a script.

Pure; all is escaped. What the form does is ``grievance_form``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from bpp.core.tickets import LONGEST_WORDS
from bpp.inbound.grievance_words import ENGLISH, HINDI, WORDS, PageWords
from bpp.inbound.layout import page
from bpp.issues.categories import complaints_about
from bpp.issues.words import Language
from bpp.settings import Settings

PATH = "/grievance"
LONGEST_NUMBER, LONGEST_PHONE = 255, 20
STYLE = (
    "body{line-height:1.5}dt,label{font-weight:600}dd{margin:0 0 .5rem}hr{margin:2rem 0}"
    "a,strong{overflow-wrap:anywhere}input,select,textarea,button{font:inherit;display:block;box-sizing:border-box;width:100%;padding:.5rem;"
    "margin:.25rem 0 1rem;border:1px solid #555;border-radius:.5rem;min-height:2.75rem}"
    "button{background:#0b5d51;color:#fff;font-weight:600}.told{border:2px solid #0b5d51;padding:.5rem 1rem;"
    "border-radius:.5rem}"
)


def grievance_html(
    settings: Settings, *, told: Sequence[str] = (), to: Language = "hi", typed: Mapping[str, str] | None = None
) -> str:
    """The page for these settings; ``told`` is the answer to a form of language ``to``, ``typed`` what stood in it."""
    parts = [
        _in_language(one, settings, told if one.lang == to else (), typed or {} if one.lang == to else {})
        for one in WORDS
    ]
    if to == ENGLISH.lang:  # whoever wrote in English reads the answer first
        parts.reverse()
    other = HINDI if to == ENGLISH.lang else ENGLISH
    jump = f'<p><a href="#{other.lang}" lang="{other.lang}">{other.language}</a></p>'
    return page(f"{settings.legal_name}: {HINDI.title} / {ENGLISH.title}", jump + "<hr>".join(parts), style=STYLE)


def _in_language(words: PageWords, settings: Settings, told: Sequence[str], typed: Mapping[str, str]) -> str:
    values = (settings.gro_name, settings.gro_phone, settings.gro_email)
    officer = "".join(
        f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in zip(words.labels, values, strict=True)
    )
    answer = "".join(f"<p><strong>{escape(line)}</strong></p>" for line in told)
    answer = f'<div class="told" role="status">{answer}</div>' if told else ""
    sections = ((words.how, words.ways), (words.then, words.steps), (words.discontent, words.further))
    rest = "".join(f"<h2>{escape(head)}</h2>{_list(lines, settings)}" for head, lines in sections)
    return (
        f'<section id="{words.lang}" lang="{words.lang}">{answer}<h2>{escape(words.officer)}</h2><dl>{officer}</dl>'
        f"{_form(words, typed)}{rest}</section>"
    )


def _form(words: PageWords, typed: Mapping[str, str]) -> str:
    form, lang = words.form, words.lang
    chosen = typed.get("code", "")
    options = "".join(
        f'<option value="{escape(one.code)}"{" selected" if one.code == chosen else ""}>'
        f"{escape(getattr(one.label, lang))}</option>"
        for one in complaints_about("us")
    )
    return (
        f'<h2>{escape(form.heading)}</h2><form method="post"><input type="hidden" name="language" value="{lang}">'
        f"{_input(form.order, 'order', lang, typed, LONGEST_NUMBER)}"
        f"{_input(form.phone, 'phone', lang, typed, LONGEST_PHONE, 'tel')}"
        f'<label for="code-{lang}">{escape(form.code)}</label>'
        f'<select id="code-{lang}" name="code">{options}</select>'
        f'<label for="text-{lang}">{escape(form.text)}</label>'
        f'<textarea id="text-{lang}" name="text" rows="4" maxlength="{LONGEST_WORDS}" required>'
        f"{escape(typed.get('text', ''))}</textarea><button>{escape(form.send)}</button></form>"
    )


def _input(label: str, name: str, lang: str, typed: Mapping[str, str], most: int, kind: str = "text") -> str:
    return (
        f'<label for="{name}-{lang}">{escape(label)}</label><input id="{name}-{lang}" name="{name}" type="{kind}" '
        f'maxlength="{most}" autocomplete="off" required value="{escape(typed.get(name, ""))}">'
    )


def _list(lines: Sequence[str], settings: Settings) -> str:
    return f"<ol>{''.join(f'<li>{escape(filled(one, settings))}</li>' for one in lines)}</ol>"


def filled(text: str, settings: Settings) -> str:
    """A text of the page with what the settings say."""
    return text.format(support_phone=settings.support_phone, support_email=settings.support_email)
