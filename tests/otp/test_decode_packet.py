"""`decode_packet` and what a real VM makes of the same bytes: generated packets, whole, cut and tampered with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp.abc import Backend
from gentcp.erl import ErlangError, erlang

from ..support.differential import Count, as_often, share
from ..support.packets import PACKETS, options, tampered

pytestmark = pytest.mark.usefixtures("followed")
INPUTS = share(0.6, len(PACKETS), otherwise=100)
BATCH = 10
"""Inputs that go to the VM in one call."""


def there(vm: Backend, *arguments: Any) -> Any:
    """What the VM says."""
    return _outcome(lambda: vm.apply("erlang", "decode_packet", list(arguments)))


def here(*arguments: Any) -> Any:
    """What gentcp says."""
    return _outcome(lambda: erlang.decode_packet(*arguments))


def _outcome(ask: Any) -> Any:
    try:
        return ask()
    except ErlangError as error:
        return ("raised", error.class_, error.term)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", PACKETS, ids=repr)
def test_the_same_as_the_vm(vm: Backend, kind: str | int, record_property: Callable[[str, Any], None]) -> None:
    decode, count = vm.apply("erlang", "make_fun", ["erlang", "decode_packet", 3]), Count(record_property)
    one = st.tuples(st.just(kind), tampered(PACKETS[kind]), options(kind))

    @as_often(-(-INPUTS // BATCH))
    @given(st.lists(one, min_size=BATCH, max_size=BATCH))
    def compare(batch: list[tuple[Any, ...]]) -> None:
        answers = vm.apply("lists", "zipwith3", [decode, *map(list, zip(*batch, strict=True))])
        for arguments, answer in zip(batch, answers, strict=True):
            assert erlang.decode_packet(*arguments) == answer, arguments
        count.inputs += len(batch)

    compare()
    count.check(INPUTS)


@pytest.mark.parametrize("kind", ["ssl", "foo", 3, 8, -1, 1.0, True, "line_delimiter", b"raw", [], ()], ids=repr)
def test_there_is_no_such_type(vm: Backend, kind: Any) -> None:
    assert here(kind, b"", []) == there(vm, kind, b"", []) == ("raised", "error", "badarg")


@pytest.mark.parametrize("kind", PACKETS, ids=repr)
@pytest.mark.parametrize(
    "given_options",
    [[("packet_size", -1)], [("packet_size", 1 << 32)], [("line_length", 1.0)], [("line_delimiter", 256)], ["foo"],
     [("foo", 1)], [("packet_size", 1, 2)], "foo", [("packet_size", True)], [("line_delimiter", 10)]],
    ids=repr,
)  # fmt: skip
def test_there_is_no_such_option(vm: Backend, kind: str | int, given_options: Any) -> None:
    """A delimiter is one for lines alone."""
    assert here(kind, b"a\n", given_options) == there(vm, kind, b"a\n", given_options)
