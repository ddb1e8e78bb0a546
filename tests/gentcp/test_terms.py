"""Terms: iodata, Erlang strings, improper lists."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp.engine import split_list
from gentcp.erl import ImproperList
from gentcp.terms import NotIodata, charlist_to_str, iodata_to_bytes

LEAVES: st.SearchStrategy[Any] = st.one_of(st.binary(max_size=5), st.integers(0, 255))
IOLISTS: st.SearchStrategy[Any] = st.recursive(
    st.lists(LEAVES, max_size=4),
    lambda inner: st.one_of(
        st.lists(st.one_of(LEAVES, inner), max_size=4),
        st.builds(ImproperList, st.lists(st.one_of(LEAVES, inner), min_size=1, max_size=3), st.binary(max_size=5)),
    ),
    max_leaves=12,
)


def flat(term: Any) -> bytes:
    """`iolist_to_binary/1` as its definition has it."""
    if isinstance(term, bytes):
        return term
    if isinstance(term, int):
        return bytes([term])
    if isinstance(term, ImproperList):
        return b"".join(map(flat, term.items)) + flat(term.tail)
    return b"".join(map(flat, term))


@given(IOLISTS)
def test_iodata_is_flattened_in_order(term: Any) -> None:
    assert iodata_to_bytes(term) == flat(term)


def test_the_iolist_of_the_facts() -> None:
    """Case send/data/nested-iodata."""
    term = [list(b"ab"), b"cd", [[ord("e")], [], b"", ImproperList([ord("f")], b"g")]]
    assert iodata_to_bytes(term) == b"abcdefg"


@pytest.mark.parametrize(
    "data",
    [b"abc", bytearray(b"abc"), memoryview(b"abc"), memoryview(b"a_b_c")[::2]],
    ids=["bytes", "bytearray", "memoryview", "strided"],
)
def test_every_kind_of_buffer_is_taken(data: Any) -> None:
    assert iodata_to_bytes(data) == b"abc"
    assert iodata_to_bytes([b"<", data, b">"]) == b"<abc>"


def test_a_mutable_buffer_is_copied() -> None:
    data = bytearray(b"abc")
    flattened = iodata_to_bytes(data)
    data[0] = 0
    assert flattened == b"abc"


def test_any_depth_is_taken() -> None:
    term: list[Any] = [b"x"]
    for _ in range(100_000):
        term = [term]
    assert iodata_to_bytes(term) == b"x"
    while term[0] != b"x":  # one by one: freeing it at once would recurse
        term = term[0]


NOT_IODATA: list[Any] = [
    None,
    1,
    1.5,
    "abc",
    ("a",),
    {},
    len,
    [256],
    [-1],
    ["abc"],
    [None],
    [(b"a",)],
    [True],
    [[1.5]],
    [b"a", [300]],
]


@pytest.mark.parametrize("junk", NOT_IODATA, ids=repr)
def test_what_is_no_iodata_is_refused_by_name(junk: Any) -> None:
    with pytest.raises(NotIodata, match=r"^data: "):
        iodata_to_bytes(junk)


def test_the_tail_of_iodata_is_a_binary() -> None:
    with pytest.raises(NotIodata):
        iodata_to_bytes(ImproperList([1], 2))


@given(st.text(max_size=10))
def test_a_charlist_and_a_str_are_the_same_string(text: str) -> None:
    assert charlist_to_str(text) == text
    assert charlist_to_str(list(map(ord, text))) == text


@pytest.mark.parametrize("junk", [None, b"abc", ("a",), 1, [1.0], ["a"], [-1], [0x110000], [True], [[97]]], ids=repr)
def test_what_is_no_string_is_none(junk: Any) -> None:
    assert charlist_to_str(junk) is None


def test_improper_lists_compare_and_hash_by_what_they_hold() -> None:
    one, same = ImproperList([1, 2], b"rest"), ImproperList([1, 2], b"rest")
    assert one == same
    assert hash(one) == hash(same)
    assert one not in (ImproperList([1], b"rest"), ImproperList([1, 2], b""), [1, 2], ([1, 2], b"rest"))
    assert repr(one) == "ImproperList([1, 2], b'rest')"


def test_a_list_that_contains_itself_is_no_data() -> None:
    inner: list[Any] = [b"x"]
    outer: Any = [b"x", ImproperList([inner], b"end"), inner, inner]
    assert iodata_to_bytes(outer) == b"xxendxx"
    inner.append(outer)
    with pytest.raises(NotIodata, match="contains itself"):
        iodata_to_bytes(outer)
    tail = ImproperList([1], b"")
    tail.tail = tail
    with pytest.raises(NotIodata, match="contains itself"):
        iodata_to_bytes(tail)
    assert split_list(tail) == ([1], tail)


@pytest.mark.parametrize("leaf", [[], [1], [b"x"], ImproperList([1], b"")], ids=repr)
def test_lists_that_are_in_one_another_twice_again_and_again_are_no_data(leaf: Any) -> None:
    """Fifty levels have 2^50 items; OTP would go through all of them."""
    data = leaf
    for _ in range(50):
        data = [data, data]
    with pytest.raises(NotIodata, match="the same lists so often"):
        iodata_to_bytes(data)


def test_many_lists_and_some_that_are_there_again_are_data() -> None:
    again = [b"a", [b"b"]]
    assert iodata_to_bytes([[again] * 200] * 200) == b"ab" * 40_000
    assert iodata_to_bytes([[b"x", [b"y"]] for _ in range(40_000)]) == b"xy" * 40_000


def test_a_memoryview_that_was_released_is_no_data() -> None:
    view = memoryview(b"x")
    view.release()
    for data in (view, [view]):
        with pytest.raises(NotIodata, match="released"):
            iodata_to_bytes(data)
