from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gentcp_conformance.contrast import breaks, contrast, shorten, tokens

words = st.lists(st.sampled_from(["{", "}", "[", "]", ",", "ok", "error", '"a b"', "<<", ">>", "'X-y'", "12"])).map(
    "".join
)


@given(st.text())
def test_tokens_make_up_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_strings_and_atoms_are_whole_tokens() -> None:
    assert tokens('{ok,"a,\\"b",\'C-d\',<<1>>}') == [
        "{",
        "ok",
        ",",
        '"a,\\"b"',
        ",",
        "'C-d'",
        ",",
        "<<",
        "1",
        ">>",
        "}",
    ]


@given(words, words)
def test_pieces_make_up_the_text(text: str, other: str) -> None:
    assert "".join(piece.text for piece in contrast(text, other)) == text


@given(words)
def test_nothing_differs_from_itself(text: str) -> None:
    assert not any(piece.differs for piece in contrast(text, text))


def test_what_differs_is_marked_by_token() -> None:
    pieces = contrast("{error,enotconn}", "{error,closed}")
    assert [(piece.text, piece.differs) for piece in pieces] == [("{error,", False), ("enotconn", True), ("}", False)]


@given(words, words, st.integers(8, 30))
def test_shortened_pieces_fit(text: str, other: str, limit: int) -> None:
    short = "".join(piece.text for piece in shorten(contrast(text, other), limit))
    assert len(short) <= limit
    assert short == text or "…" in short


def test_shortening_keeps_the_first_difference() -> None:
    common = "{ok," * 30
    short = shorten(contrast(common + "enotconn,tail", common + "closed,tail"), 20)
    assert [piece.text for piece in short if piece.differs] == ["enotconn"]
    assert short[0].text == "…"


def test_a_short_text_is_left_alone() -> None:
    pieces = contrast("{ok,1}", "{ok,2}")
    assert shorten(pieces, 6) == pieces


@given(words, st.integers(1, 30))
def test_lines_fit(text: str, width: int) -> None:
    edges = [0, *breaks(text, width), len(text)]
    lines = [text[start:end] for start, end in pairwise(edges)]
    assert "".join(lines) == text
    assert all(len(line) <= width for line in lines)
    assert all(lines[1:])


def test_lines_break_between_elements() -> None:
    text = '{{stalled,{p1,ok}},<<"a,b c">>,[1,2,3]}'
    edges = [0, *breaks(text, 12), len(text)]
    lines = [text[start:end] for start, end in pairwise(edges)]
    assert lines == ["{{stalled,", "{p1,ok}},", '<<"a,b c">>,', "[1,2,3]}"]
