"""The texts of the console: what sources and templates say, and what the catalogs of each language have.

`PYTHONPATH=. .venv/bin/python -m tests.support.texts` prints what has no Hindi yet, ready to be filled in, and what is
not said any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.support.sources import ROOT

CONSOLE = ROOT / "bpp/console"
HINDI = CONSOLE / "locale/hi"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "false", "silent": "false"}}
KEYWORDS = {"msg": None, "_": None, "gettext": None, "ngettext": (1, 2)}
Text = str | tuple[str, str]


def said() -> dict[Text, list[str]]:
    """Every text that is said, with the files that say it; a pair is one and many."""
    found: dict[Text, list[str]] = {}
    for file, _, text, _, _ in extract_from_dir(CONSOLE, METHODS, OPTIONS, KEYWORDS):
        found.setdefault(text if isinstance(text, str) else (text[0], text[1]), []).append(file)
    return found


def catalogs() -> Iterator[tuple[Path, Catalog]]:
    """Each file with the Hindi of some texts."""
    for path in sorted(HINDI.glob("*.po")):
        with path.open("rb") as file:
            yield path, read_po(file, locale="hi")


def translated() -> dict[Text, list[tuple[str, object]]]:
    """What has Hindi: for each text the file and the Hindi."""
    found: dict[Text, list[tuple[str, object]]] = {}
    for path, catalog in catalogs():
        for one in catalog:
            if one.id:
                text: Text = one.id if isinstance(one.id, str) else (one.id[0], one.id[1])
                found.setdefault(text, []).append((path.name, one.string))
    return found


def main() -> None:
    known, wanted = translated(), said()
    for text, files in wanted.items():
        if text not in known:
            print(f"#: {', '.join(sorted(set(files)))}")
            if isinstance(text, str):
                print(f'msgid "{escaped(text)}"\nmsgstr ""\n')
            else:
                print(f'msgid "{escaped(text[0])}"\nmsgid_plural "{escaped(text[1])}"\nmsgstr[0] ""\nmsgstr[1] ""\n')
    for text, places in known.items():
        if text not in wanted:
            print(f"# not said any more: {text!r} in {', '.join(name for name, _ in places)}")


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


if __name__ == "__main__":
    main()
