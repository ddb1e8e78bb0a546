"""`decode_packet` and what a real VM makes of the same bytes: generated packets, whole, cut and tampered with.

GENTCP_DIFFERENTIAL is the number of inputs for each packet type; with it they are different ones in each run.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gentcp.abc import Backend
from gentcp.erl import ErlangError, erlang

from ..support.packets import PACKETS, options, tampered

pytestmark = pytest.mark.usefixtures("followed")
COUNT = int(os.environ.get("GENTCP_DIFFERENTIAL", "0"))
AS_OFTEN_AS_ASKED = settings(
    max_examples=COUNT or 100, derandomize=not COUNT, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


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


@pytest.mark.parametrize("kind", PACKETS, ids=repr)
@AS_OFTEN_AS_ASKED
@given(data=st.data())
def test_the_same_as_the_vm(vm: Backend, kind: str | int, data: st.DataObject) -> None:
    packet, given_options = data.draw(tampered(PACKETS[kind]), "packet"), data.draw(options(kind), "options")
    assert here(kind, packet, given_options) == there(vm, kind, packet, given_options)


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
