from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gentcp
from gentcp.erl import ImproperList
from gentcp_conformance.record import recorded
from gentcp_conformance.term import normalise, notation, outcome_text, reason

from .erlang import parse

# What a VM printed for these terms.
PRINTED = [
    (("ok", b"abc"), '{ok,<<"abc">>}'),
    (("error", ("timeout", [b"\0\0\0\5", b"hello"])), '{error,{timeout,[<<0,0,0,5>>,<<"hello">>]}}'),
    ((("blocked", 200), ("error", "timeout"), ("rest", b"")), "{{blocked,200},{error,timeout},{rest,<<>>}}"),
    ([9216, 784, "tcp_passive"], "[9216,784,tcp_passive]"),
    ([], "[]"),
    ((), "{}"),
    ([97, 98, 99], '"abc"'),
    ([9, 10, 13], '"\\t\\n\\r"'),
    ([97, 0], "[97,0]"),
    ([True, "undefined"], "[true,undefined]"),
    (b'a"b\\c\r\n', '<<"a\\"b\\\\c\\r\\n">>'),
    (b"\x1f\x81\x11\x05hello", "<<31,129,17,5,104,101,108,108,111>>"),
    (b"\xff", '<<"\xff">>'),
    ("å".encode(), '<<"å"/utf8>>'),
    ("\u20ac".encode(), "<<226,130,172>>"),
    ("GET", "'GET'"),
    ("maybe_", "maybe_"),
    ("no-such-host", "'no-such-host'"),
    ("*", "'*'"),
    ("", "''"),
    ("it's", "'it\\'s'"),
    ("receive", "'receive'"),
    (1.5, "1.5"),
    (1e22, "1.0e22"),
    (1.25e-7, "1.25e-7"),
    (ImproperList([97, 98], b"cdef"), '[97,98|<<"cdef">>]'),
]


@pytest.mark.parametrize(("term", "text"), PRINTED)
def test_notation_is_what_a_vm_prints(term: Any, text: str) -> None:
    assert notation(term) == text


def test_every_recorded_outcome_is_written_as_the_vm_wrote_it() -> None:
    texts = {text for result in recorded("29").results.values() for text in result.terms}
    assert len(texts) > 100
    assert {text: notation(parse(text)) for text in texts} == {text: text for text in texts}


atoms = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=8).filter(
    lambda name: name not in {"true", "false"}
)
scalars = (
    st.booleans() | st.integers() | atoms | st.binary(max_size=12) | st.floats(allow_nan=False, allow_infinity=False)
)
terms = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple), max_leaves=12
)


@given(terms)
def test_a_term_can_be_read_back_from_its_notation(term: Any) -> None:
    assert repr(parse(notation(term))) == repr(term)


@pytest.mark.parametrize("value", [None, {1}, object(), (1, None)])
def test_what_is_no_term_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="not an Erlang term"):
        outcome_text(value)


def test_identities_are_named() -> None:
    term = [gentcp.current_process(), gentcp.Ref(), print]
    assert outcome_text(term) == "['PID','REF','FUN']"


def test_only_long_binaries_and_byte_lists_are_given_by_size() -> None:
    assert outcome_text([bytes(151), [0] * 151]) == "[{big_binary,151},{big_list,151}]"
    assert normalise([bytes(150), [0] * 150, [300] * 151]) == [bytes(150), [0] * 150, [300] * 151]


def test_maps_are_sorted_and_ephemeral_ports_named() -> None:
    assert outcome_text({"port": 40000, "addr": (127, 0, 0, 1)}) == "{map,[{addr,{127,0,0,1}},{port,'PORT'}]}"
    assert outcome_text({"port": 80}) == "{map,[{port,80}]}"


STACK: list[Any] = [("gen_tcp", "send", 2, [])]


@pytest.mark.parametrize(
    ("raised", "reduced"),
    [
        ("badarg", "badarg"),
        (("badarg", STACK), "badarg"),
        (("timeout", ["more"]), ("timeout", ["more"])),
        (("gen_server", "call", [1, 2]), ("gen_server", "call", 2)),
        ((("badarith", STACK), ("gen_statem", "call", [1])), ("gen_statem_call_failed", "badarith")),
        (("EXIT", ("undef", STACK)), ("EXIT", "undef")),
    ],
)
def test_reasons_lose_stacks_and_arguments(raised: Any, reduced: Any) -> None:
    assert reason(raised) == reduced


def test_a_stack_inside_a_term_is_named() -> None:
    assert outcome_text(("error", STACK)) == "{error,'STACK'}"
