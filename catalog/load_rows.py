"""Rows of a catalog's CSV files, cell by cell, with every problem noted where it stands."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.load_columns import Column, Table


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong and where: file, line (1 is the header, 0 the whole file), column ("" the whole row), text."""

    file: str
    line: int
    column: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.column}: {self.text}" if self.column else f"{place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row read: its values by column. Not ``sound`` where a cell could not be read; its values are then absent."""

    file: str
    line: int
    values: Mapping[str, Any]
    sound: bool

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def problem(self, column: str, text: str) -> Problem:
        """A problem with one cell of this row."""
        return Problem(self.file, self.line, column, text)


@dataclass(slots=True)
class Rows:
    """Reads tables from a directory and gathers problems on the way."""

    directory: Path
    problems: list[Problem] = field(default_factory=list)

    def read(self, table: Table) -> list[Row]:
        """The rows of a table, unsound ones too, so that what refers to them is not reported as well."""
        path = self.directory / table.file
        if not path.is_file():
            if not table.optional:
                self.problems.append(Problem(table.file, 0, "", "the file is missing"))
            return []
        try:
            lines = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as problem:
            self.problems.append(Problem(table.file, 0, "", f"not UTF-8: byte {problem.start} cannot be read"))
            return []
        reader = csv.reader(lines.splitlines(keepends=True), strict=True)
        found: list[Row] = []
        try:
            header = [cell.strip() for cell in next(reader, [])]
            if self._header_fits(table, header):
                found = [self._row(table, header, cells, reader.line_num) for cells in reader if any(cells)]
        except csv.Error as problem:
            self.problems.append(Problem(table.file, reader.line_num, "", f"not CSV: {problem}"))
        return list(self._distinct(table, found))

    def note(self, row: Row, column: str, text: str) -> None:
        """Add a problem with one cell."""
        self.problems.append(row.problem(column, text))

    def check(self, row: Row, column: str, reading: Callable[[], object]) -> None:
        """Note the ValueError of a reading, if it raises one, as a problem with that cell."""
        try:
            reading()
        except ValueError as problem:
            self.note(row, column, str(problem))

    def _header_fits(self, table: Table, header: list[str]) -> bool:
        """A column that may be empty may be missing: a rate list of yesterday still fits a table with a new column."""
        known = [column.name for column in table.columns]
        missing = [column.name for column in table.columns if column.required and column.name not in header]
        for name in missing:
            self.problems.append(Problem(table.file, 1, name, "the column is missing"))
        for name in header:
            if name not in known:
                self.problems.append(Problem(table.file, 1, name, f"no such column; known are {', '.join(known)}"))
            elif header.count(name) > 1:
                self.problems.append(Problem(table.file, 1, name, "the column stands twice"))
        return not missing

    def _row(self, table: Table, header: list[str], cells: list[str], line: int) -> Row:
        before = len(self.problems)
        if len(cells) != len(header):
            text = f"expected {len(header)} cells, found {len(cells)}"
            self.problems.append(Problem(table.file, line, "", text))
        texts = dict(zip(header, cells, strict=False))
        values = {column.name: self._cell(table, column, texts.get(column.name, ""), line) for column in table.columns}
        return Row(table.file, line, values, sound=len(self.problems) == before)

    def _cell(self, table: Table, column: Column, text: str, line: int) -> Any:
        text = text.strip()
        if not text:
            if column.required:
                self.problems.append(Problem(table.file, line, column.name, "must be filled"))
            return column.default
        try:
            return column.read(text)
        except ValueError as problem:
            self.problems.append(Problem(table.file, line, column.name, str(problem)))
            return column.default

    def _distinct(self, table: Table, rows: list[Row]) -> Iterator[Row]:
        first: dict[tuple[object, ...], int] = {}
        for row in rows:
            key = tuple(row[name] for name in table.key)
            if None in key or first.setdefault(key, row.line) == row.line:
                yield row
            else:
                self.note(row, table.key[-1], f"already given on line {first[key]}: {', '.join(map(str, key))}")
