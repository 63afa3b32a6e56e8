"""docs/privacy.md tells what is kept how long as the settings have it, each of them once."""

from __future__ import annotations

import re

import isodate
import pytest

from bpp.cli.main import run
from bpp.cli.retention import KINDS
from bpp.setting_types import LOGS_KEPT
from bpp.settings import Settings, SettingsProblems, load_settings
from tests.support.sources import ROOT

PAGE = (ROOT / "docs" / "privacy.md").read_text()
ROWS = re.findall(r"^\| .+? \| `BPP_RETENTION_(\w+)` \| `(\w+)` \|", PAGE, re.MULTILINE)
LOGS = ("messages", "masked", "reads", "sign_ins")


def test_the_table_has_every_time_of_retention_as_it_is_by_default():
    told = {name.lower(): isodate.parse_duration(text) for name, text in ROWS}
    fields = {
        name.removeprefix("retention_"): field
        for name, field in Settings.model_fields.items()
        if name.startswith("retention_")
    }

    assert len(ROWS) == len(told)
    assert told == {name: fields[name].default for name in KINDS}
    assert set(KINDS) == set(fields)


@pytest.mark.parametrize("name", LOGS)
def test_logs_cannot_be_set_to_less_than_cert_in_asks_for(name):
    variable = f"BPP_RETENTION_{name.upper()}"

    assert load_settings({variable: "P180D"}).model_dump()[f"retention_{name}"] == LOGS_KEPT
    with pytest.raises(SettingsProblems, match=f"{variable}.*180 days"):
        load_settings({variable: "P179D"})


def test_the_commands_of_the_page_exist():
    commands = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]

    assert commands
    assert [one for one in commands if run([*one.split()[1:], "--help"]) != 0] == []
