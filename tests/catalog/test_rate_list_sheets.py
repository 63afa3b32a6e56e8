"""Rate lists as files: encodings, separators, headings wherever they stand, and what is no rate list."""

from __future__ import annotations

import io
import zipfile
from datetime import date, time
from decimal import Decimal

import pytest
from openpyxl import Workbook

from catalog.ratelist.read import column_of, read_rate_list
from catalog.ratelist.sheet import MOST_ROWS, RateListError
from catalog.ratelist.texts import columns, plain

HINDI = "क्र.सं.,सेवा,काम,दर (₹),ज़िला\n1,प्लम्बर,नल की मरम्मत,₹199,लखनऊ\n"
ENGLISH = "Service;Rate\nTap repair;199\n"


def xlsx(*rows, formats=None):
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for place, form in (formats or {}).items():
        sheet[place].number_format = form
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_list_is_read_in_every_encoding_and_separator_that_spreadsheets_write(encoding, separator):
    rates = read_rate_list(HINDI.replace(",", separator).encode(encoding))

    assert rates.language == "hi"
    assert rates.rows[0].number == 2
    assert rates.rows[0].cells == {
        "service": "प्लम्बर",
        "sub_service": "नल की मरम्मत",
        "price": "₹199",
        "district": "लखनऊ",
    }


def test_windows_1252_is_read_where_it_is_not_utf_8():
    rates = read_rate_list("Service,Rate,Details\nTap,199,café\n".encode("cp1252"))

    assert rates.rows[0]["long_desc"] == "café"


def test_a_line_that_names_the_separator_is_obeyed():
    assert read_rate_list(b"sep=;\nService;Rate\nTap;1,99\n").rows[0]["price"] == "1,99"


def test_numbers_dates_times_and_percentages_of_xlsx_keep_their_types():
    content = xlsx(
        ["सेवा", "दर", "जीएसटी", "कब से", "समय", "मात्रा"],
        ["नल", 149.5, 0.18, date(2026, 4, 1), time(1, 30), 5],
        formats={"C2": "0%"},
    )

    cells = read_rate_list(content).rows[0].cells

    assert cells["price"] == Decimal("149.5")
    assert cells["tax_rate"] == "18%"
    assert cells["valid_from"] == date(2026, 4, 1)
    assert cells["duration"] == time(1, 30)
    assert cells["max_count"] == 5


def test_headings_need_not_come_first_nor_stand_on_the_first_sheet():
    book = Workbook()
    book.active.append(["कुछ और"])
    sheet = book.create_sheet("दरें")
    for row in (["दर सूची 2026"], [], ["सेवा", "दर"], ["नल", 199], ["सेवा", "दर"], [None, None], ["पंखा", 149]):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)

    rates = read_rate_list(content.getvalue())

    assert [(row.number, row["service"]) for row in rates.rows] == [(4, "नल"), (7, "पंखा")]


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("column", columns())
def test_every_heading_we_write_is_read_as_its_column(column, language):
    assert column_of(columns()[column].heading[language]) == column


def test_no_spelling_of_a_heading_means_two_columns():
    seen: dict[str, str] = {}
    for one in columns().values():
        for spelling in (*one.heading.values(), *one.spellings):
            assert seen.setdefault(plain(spelling), one.name) == one.name


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("  RATE (in Rs.) ", "price"),
        ("दर (रुपये में)", "price"),
        ("Service / सेवा", "service"),
        ("ज़िला", "district"),
        ("जिला", "district"),
        ("GST %", "tax_rate"),
        ("Favourite colour", None),
    ],
)
def test_headings_are_recognised_in_many_spellings(heading, column):
    assert column_of(heading) == column


def test_a_trade_written_once_stands_above_its_rows_and_headings_not_known_are_told():
    content = (
        "Service,Work,Rate,Colour\nPlumber,,,\n,Tap repair,199,red\n,Toilet fixing,299,\nElectrician,Fan repair,99,\n"
    )

    rates = read_rate_list(content.encode())

    assert [(row["service"], row["sub_service"]) for row in rates.rows] == [
        ("Plumber", "Tap repair"),
        ("Plumber", "Toilet fixing"),
        ("Electrician", "Fan repair"),
    ]
    assert rates.unused == ("Colour",)


def test_a_service_without_a_rate_is_a_row_and_no_heading_of_others():
    rates = read_rate_list(b"Service,Rate\nTap repair,\nFan repair,99\n")

    assert [row.cells for row in rates.rows] == [{"service": "Tap repair"}, {"service": "Fan repair", "price": "99"}]


def bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * (65 << 20))
    return content.getvalue()


def many_parts():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        for number in range(1_001):
            parts.writestr(f"part{number}", b"")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "kind", "language"),
    [
        (b"", "empty", "en"),
        (b"\n \n", "empty", "en"),
        (b"a,b\n1,2\n", "no_headings", "en"),
        ("दाल,चावल\n1,2\n".encode(), "no_headings", "hi"),
        (b"Rate,Unit\n1,2\n", "no_headings", "en"),
        ("सेवा,दर,मूल्य\nनल,1,2\n".encode(), "heading_twice", "hi"),
        (b"PK\x03\x04 and no more", "not_xlsx", "en"),
        (b"\xff\xfe\x00", "not_text", "en"),
        (bomb(), "too_big", "en"),
        (many_parts(), "too_big", "en"),
        (b"Service,Rate\n" + b"Tap,1\n" * (MOST_ROWS + 1), "too_big", "en"),
        (b"x" * (9 << 20), "too_big", "en"),
        (b"Service,Rate\n" + b"x" * 200_000, "too_big", "en"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_is_no_rate_list_is_refused_as_a_whole_in_its_language(content, kind, language):
    with pytest.raises(RateListError) as problem:
        read_rate_list(content)

    assert (problem.value.kind, problem.value.language) == (kind, language)


def test_any_truncation_of_a_spreadsheet_is_refused_and_nothing_else_happens():
    content = xlsx(["सेवा", "दर"], ["नल", 199])

    for length in range(4, len(content), 97):
        with pytest.raises(RateListError):
            read_rate_list(content[:length])


def test_of_several_sheets_those_that_are_hidden_are_not_read_and_two_with_rates_are_not_chosen_between():
    book = Workbook()
    book.active.append(["Notes"])
    for title, rate in (("Old", 1), ("New", 249)):
        sheet = book.create_sheet(title)
        sheet.append(["Service", "Rate"])
        sheet.append(["Tap repair", rate])

    with pytest.raises(RateListError, match=r"sheets Old and New") as problem:
        read_rate_list(_saved(book))
    book["Old"].sheet_state = "hidden"
    (row,) = read_rate_list(_saved(book)).rows

    assert problem.value.kind == "several_sheets"
    assert row["price"] == 249


def test_a_row_far_below_the_others_is_read_under_its_number():
    book = Workbook()
    book.active.append(["Service", "Rate"])
    book.active["A1048576"], book.active["B1048576"] = "Tap repair", 199

    (row,) = read_rate_list(_saved(book)).rows

    assert row.number == 1_048_576


@pytest.mark.parametrize(
    "heading",
    [
        "Rate (excl. GST)",
        "Rate (+ GST)",
        "Rate (GST extra)",
        "Rate (without tax)",
        "दर (जीएसटी अतिरिक्त)",
        "दर (बिना कर)",
    ],
)
def test_rates_to_which_the_tax_is_still_added_are_not_taken_for_what_a_buyer_pays(heading):
    with pytest.raises(RateListError) as problem:
        read_rate_list(f"Service,{heading}\nTap repair,100\n".encode())

    assert problem.value.kind == "untaxed"
    assert heading in str(problem.value)


def _saved(book):
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
