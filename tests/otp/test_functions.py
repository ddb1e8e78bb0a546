"""Every function that the followed release exports is in gentcp.erl, or in absent.toml with a reason."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator

import pytest

from gentcp.abc import Backend
from gentcp_conformance.coverage import absent

pytestmark = pytest.mark.usefixtures("followed")

MODULES = ("gen_tcp", "inet", "prim_inet", "inet_tcp")


def lacking(vm: Backend, module: str) -> Iterator[str]:
    """What the VM exports and the module of the same name here cannot be called as."""
    ours = importlib.import_module(f"gentcp.erl.{module}")
    for name, arity in vm.apply(module, "module_info", ["exports"]):
        function = getattr(ours, name, None)
        if getattr(function, "__module__", None) != ours.__name__ or not takes(function, arity):
            yield f"{module}:{name}/{arity}"


def takes(function: object, arity: int) -> bool:
    """Whether it can be called with so many arguments."""
    assert callable(function)
    try:
        inspect.signature(function).bind(*[None] * arity)
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("module", MODULES)
def test_what_is_not_there_has_a_reason(vm: Backend, module: str) -> None:
    listed = [name for names in absent.load().values() for name in names if name.startswith(f"{module}:")]
    assert sorted(listed) == sorted(lacking(vm, module))


def test_a_function_is_listed_once() -> None:
    listed = [name for names in absent.load().values() for name in names]
    assert len(listed) == len(set(listed))
    assert all(absent.load())
