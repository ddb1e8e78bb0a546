"""Terms go to the VM and come back as they were."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gentcp
from gentcp.abc import Backend
from gentcp.terms import ImproperList, Opaque

BOOLEANS = {"true", "false"}
SIMPLE = (
    st.integers()
    | st.booleans()
    | st.binary()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60).filter(
        lambda atom: atom not in {"true", "false"}
    )
)
TERMS = st.recursive(
    SIMPLE,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.lists(st.integers(0, 255))
        | st.dictionaries(SIMPLE, inner)
        | st.builds(ImproperList, st.lists(inner, min_size=1), SIMPLE)
    ),
    max_leaves=20,
)


def exactly(term: Any) -> Any:
    """1, 1.0 and True are equal, but not the same; maps have no order."""
    if isinstance(term, dict):
        return {exactly(key): exactly(value) for key, value in term.items()}
    if isinstance(term, (list, tuple)):
        return (type(term), *map(exactly, term))
    if isinstance(term, ImproperList):
        return (ImproperList, *map(exactly, term.items), exactly(term.tail))
    return (type(term), term)


def there_and_back(vm: Backend, term: Any) -> Any:
    return vm.apply("erlang", "element", [1, (term,)])


@settings(max_examples=300)
@given(term=TERMS)
def test_come_back_as_they_were(term: Any) -> None:
    back = there_and_back(gentcp.get_backend("otp_inet"), term)
    assert exactly(back) == exactly(term)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (b"abc", '<<"abc">>'),
        (b"", "<<>>"),
        ("abc", "abc"),
        ("Ab c", "'Ab c'"),
        ([97, 98], '"ab"'),
        ([], "[]"),
        (True, "true"),
        (-1, "-1"),
        (1 << 70, "1180591620717411303424"),
        ({"a": 1}, "#{a => 1}"),
        (ImproperList([1], "b"), "[1|b]"),
        (bytearray(b"abc"), '<<"abc">>'),
        (memoryview(b"abc"), '<<"abc">>'),
        (None, "undefined"),
    ],
)
def test_are_what_they_should_be_there(vm: Backend, term: Any, text: str) -> None:
    printed = vm.apply("io_lib", "format", [b"~0p", [term]])
    assert vm.apply("erlang", "iolist_to_binary", [printed]) == text.encode()


def test_long_lists_of_bytes(vm: Backend) -> None:
    term = list(bytes(range(256)) * 300)  # too long for the external format's strings
    assert there_and_back(vm, term) == term


@pytest.mark.parametrize("made_by", [("erlang", "make_ref", []), ("erlang", "whereis", ["init"])])
def test_values_that_nobody_knows_are_equal_to_themselves(vm: Backend, made_by: Any) -> None:
    made = vm.apply(*made_by)
    assert isinstance(made, Opaque)
    back = there_and_back(vm, made)
    assert back == made
    assert hash(back) == hash(made)
    assert made != vm.apply("erlang", "make_ref", [])
    assert vm.apply("erlang", "=:=", [made, back]) is True


def test_kinds(vm: Backend) -> None:
    pid = vm.apply("erlang", "whereis", ["init"])
    port = vm.apply("erlang", "hd", [vm.apply("erlang", "ports", [])])
    bits = vm.apply("erlang", "binary_to_term", [b"\x83M\0\0\0\1\3\xa0"])
    assert [pid.kind, port.kind, bits.kind] == ["pid", "port", "bitstring"]


def test_a_process_is_itself(vm: Backend) -> None:
    assert vm.apply("erlang", "self", []) is gentcp.current_process()


@pytest.mark.parametrize("term", [object(), [object()], {"a": {1, 2}}])
def test_what_is_no_term_is_refused(vm: Backend, term: Any) -> None:
    with pytest.raises(TypeError, match="no Erlang term"):
        there_and_back(vm, term)
    assert there_and_back(vm, 1) == 1
