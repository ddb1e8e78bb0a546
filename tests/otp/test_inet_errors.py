"""The texts of all errors, and those of a real VM."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from gentcp.abc import Backend
from gentcp.erl import inet
from gentcp.posix import INET_TEXTS, TEXTS, message

pytestmark = pytest.mark.usefixtures("followed")
NAMED = sorted({*TEXTS, *INET_TEXTS, *(name.lower() for name in errno.errorcode.values())})
OTHERS = ["closed", "timeout", "not_owner", "foo", "", "unknown", "undefined", True, False]


@pytest.mark.parametrize("reason", [*NAMED, *OTHERS])
def test_the_text_is_that_of_the_vm(vm: Backend, reason: Any) -> None:
    assert inet.format_error(reason) == vm.apply("inet", "format_error", [reason])


@pytest.mark.parametrize("reason", NAMED)
def test_the_text_of_other_modules_is_that_of_the_vm(vm: Backend, reason: str) -> None:
    assert list(map(ord, message(reason))) == vm.apply("erl_posix_msg", "message", [reason])


def test_no_text_of_the_vm_is_missing(vm: Backend) -> None:
    """The atoms in the code of the VM's module are its own list."""
    path = vm.apply("code", "which", ["erl_posix_msg"])
    _ok, (_module, [(_atoms, table)]) = vm.apply("beam_lib", "chunks", [path, ["atoms"]])
    atoms = [atom for _index, atom in table if isinstance(atom, str)]
    known = {atom for atom in atoms if not bytes(vm.apply("erl_posix_msg", "message", [atom])).startswith(b"unknown")}
    assert known == set(TEXTS)
