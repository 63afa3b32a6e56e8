"""JSON texts as hostile writers write them: every spelling of the grammar, and what only looks like it."""

from __future__ import annotations

from hypothesis import strategies as st

_SPACES = ("", "", "", " ", "\n", "\t", "\r", "  ")
_NO_SPACES = ("\x0b", "\u00a0", "\x00")
_CHARACTERS = (
    *"ab:{}[],/\x7f\ufeffé€😀",
    *(r"\"", r"\\", r"\/", r"\n", r"\u003a", r"\u003A", r"\u0022", r"\u005c", r"\u007b", r"\u00e9", r"\ud83d\ude00"),
    *(r"\\u0000", r"\\u003a", r"\\\""),
)
_NO_CHARACTERS = ('"', "\\", "\t", "\x00", "\ud800", r"\ud800", r"\uDC00", r"\u0000", r"\x", r"\u12")
_NUMBERS = (
    *("0", "-0", "-0.0", "1", "1.0", "1e2", "1E+2", "1e-400", "0." + "1" * 400, "true", "false", "null"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"),
    *("18446744073709551615", "18446744073709551616", "99999999999999999999", "-99999999999999999999"),
)
_NO_NUMBERS = (
    *("1e400", "-1e999", "9" * 400, "01", "1.", ".5", "+1", "0x1"),
    *("NaN", "Infinity", "-Infinity", "nan", "True", "nul"),
)


def _documents(*, strict: bool) -> st.SearchStrategy[str]:
    """Documents that follow the grammar (and still may be refused), or some that need not."""

    def either(good: tuple[str, ...], bad: tuple[str, ...]) -> st.SearchStrategy[str]:
        return st.sampled_from(good if strict else good + bad)

    space = either(_SPACES, _NO_SPACES)
    texts = st.lists(either(_CHARACTERS, _NO_CHARACTERS), max_size=6).map(lambda parts: f'"{"".join(parts)}"')
    keys = st.sampled_from(('"a"', '"b"', '"c"', r'"\u0061"', '":"', '"}"', '"{"', '""')) | texts
    numbers = (
        either(_NUMBERS, _NO_NUMBERS)
        | st.integers().map(str)
        | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    )

    def lists(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.lists(st.builds("{}{}{}".format, space, inner, space), max_size=4).map(
            lambda all_: f"[{','.join(all_)}]"
        )

    def objects(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        members = st.builds("{}{}{}:{}{}{}".format, space, keys, space, space, inner, space)
        return st.lists(members, max_size=4).map(lambda all_: f"{{{','.join(all_)}}}")

    values = st.recursive(numbers | texts, lambda inner: objects(inner) | lists(inner), max_leaves=12)
    deep = st.builds(
        lambda depth, ends, value: f'{{"a":{ends[0] * depth}{value}{ends[1] * depth}}}',
        st.integers(0, 8) | st.integers(28, 35) | st.integers(58, 70) | st.sampled_from([250, 260, 1100]),
        st.sampled_from([("[", "]"), ('{"a":', "}"), ('[{"}":', "}]"), ('["[[[",', ',"]]]"]'), ('[{"a":1},', ",{}]")]),
        values,
    )
    return st.builds("{}{}{}{}".format, st.sampled_from(("", "", "\ufeff")), space, objects(values) | deep, space)


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    body = bytearray(draw(_documents(strict=True)).encode())
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 4))] = draw(
            st.binary(max_size=3) | st.sampled_from([b"{}", b"x", b",", b'"'])
        )
    return bytes(body)


_REST = st.sampled_from(["", "null", "[]", '"text"', "12", "{} {}", "\ufeff\ufeff{}", "[" * 2000]) | st.text()

json_bodies = (
    _documents(strict=True).map(str.encode)
    | (_documents(strict=False) | _REST).map(lambda text: text.encode(errors="surrogatepass"))
    | _damaged()
)
"""Bodies that are JSON, nearly JSON, or JSON that readers disagree about."""
