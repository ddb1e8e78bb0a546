"""The rows of docs/coverage.md are what the followed release of OTP has: a new one shows what is missing here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import gentcp
from gentcp.abc import Backend
from gentcp.erl import ErlangError
from gentcp_conformance.coverage import inventory
from gentcp_conformance.coverage.inventory import Row

pytestmark = pytest.mark.usefixtures("followed")

Form = tuple[Any, ...]

# Of these all functions are in the inventory, of others those that users of gen_tcp call.
WHOLE = ("gen_tcp", "inet", "prim_inet", "inet_tcp")
DESCRIBED = ("gen_tcp", "inet")
ASPECTS = {
    "option": inventory.ANYWHERE,
    "option_name": ("getopts",),
    "connect_option": ("connect",),
    "listen_option": ("listen",),
}


def rows(section: str) -> list[Row]:
    return [row for row in inventory.load().rows if row.section == section]


def functions(module: str) -> dict[str, Row]:
    """Functions of a module in the inventory, `internal` ones too, as name/arity."""
    found = [row for row in (*inventory.load().rows, *inventory.load().internal) if row.section == f"{module}:"]
    return {row.name.partition(":")[2]: row for row in found}


def exports(vm: Backend, module: str) -> set[str]:
    return {f"{name}/{arity}" for name, arity in vm.apply(module, "module_info", ["exports"])}


@cache
def documentation(module: str) -> Any:
    """The chunk of a module's documentation, {docs_v1, ...}."""
    _, found = gentcp.get_backend("otp_inet").apply("code", "get_doc", [module])
    return found


def described(module: str) -> set[str]:
    """Functions with a text, or said to be like another."""
    found: set[str] = set()
    for (kind, name, arity), _, _, text, meta in documentation(module)[6]:
        if kind == "function" and (isinstance(text, dict) or (text == "none" and "equiv" in meta)):
            found.add(f"{name}/{arity}")
    return found


@cache
def types(module: str) -> dict[str, Form]:
    """The types that a module defines, as abstract code."""
    vm = gentcp.get_backend("otp_inet")
    path = vm.apply("code", "which", [module])
    _, (_, [(_, (_, forms))]) = vm.apply("beam_lib", "chunks", [path, ["abstract_code"]])
    return {form[3][0]: form[3][1] for form in forms if form[:1] == ("attribute",) and form[2] == "type"}


def alternatives(form: Form) -> Iterator[Form]:
    """The members of a union, of the unions that are members too."""
    if form[0] == "type" and form[2] == "union":
        for member in form[3]:
            yield from alternatives(member)
    else:
        yield form


def names(module: str, name: str) -> set[str]:
    """The atoms of a type, alone or first in a tuple; those of types of other modules that it refers to as well."""
    found: set[str] = set()
    for form in alternatives(types(module)[name]):
        match form:
            case ("atom", _, atom):
                found.add(atom)
            case ("type", _, "tuple", [("atom", _, atom), *_]):
                found.add(atom)
            case ("remote_type", _, [("atom", _, other), ("atom", _, type_), _]):
                found |= names(other, type_)
            case _:
                pass
    return found


@pytest.mark.parametrize("module", WHOLE)
def test_every_function_that_is_exported_is_known(vm: Backend, module: str) -> None:
    assert set(functions(module)) == exports(vm, module)


@pytest.mark.parametrize("module", ["erlang", "file", "application", "inet_db"])
def test_functions_of_other_modules_are_there(vm: Backend, module: str) -> None:
    assert set(functions(module)) - exports(vm, module) == set()


@pytest.mark.parametrize("module", DESCRIBED)
def test_what_is_documented_is_said_to_be(module: str) -> None:
    assert {name for name, row in functions(module).items() if row.documented} == described(module)


@pytest.mark.parametrize("kind", ASPECTS)
def test_the_options_of_a_type_are_there(kind: str) -> None:
    found = {row.name: row for row in rows("option")}
    wanted = names("gen_tcp", kind)
    missing = [
        f"{name}@{aspect}"
        for name in wanted
        for aspect in ASPECTS[kind]
        if f"option/{name}@{aspect}" not in uses(found.get(name))
    ]
    assert sorted(missing) == []


def uses(row: Row | None) -> tuple[str, ...]:
    return row.uses if row else ()


def test_the_options_that_setopts_is_described_with_are_there() -> None:
    [text] = [each[3][b"en"] for each in documentation("inet")[6] if each[0] == ("function", "setopts", 2)]
    wanted = set(re.findall(r"^- \*\*`\{?(\w+)", text.decode(), re.MULTILINE))
    assert len(wanted) > 40
    assert wanted - {row.name for row in rows("option")} == set()


def test_the_packet_types_of_the_option_are_there() -> None:
    [form] = [
        each for each in alternatives(types("gen_tcp")["option"])
        if each[0] == "type" and each[2] == "tuple" and each[3][0][2] == "packet"
    ]  # fmt: skip
    wanted = {str(each[2]) for each in alternatives(form[3][1])}
    assert {row.name for row in rows("packet") if "stream" in row.aspects} - {"ssl_tls"} == wanted


def test_decode_packet_takes_the_packet_types_and_its_options(vm: Backend) -> None:
    for row in rows("packet"):
        kind: Any = int(row.name) if row.name.isdigit() else row.name
        if "decode" in row.aspects:
            assert vm.apply("erlang", "decode_packet", [kind, b"", []])[0] in {"more", "ok"}, row.name
    for row in rows("decode_option"):
        assert vm.apply("erlang", "decode_packet", ["line", b"", [(row.name, 10)]])[0] == "more", row.name
    with pytest.raises(ErlangError):
        vm.apply("erlang", "decode_packet", ["no_such_type", b"", []])


def test_the_counters_are_those_of_the_type() -> None:
    assert {row.name for row in rows("stat")} == names("inet", "stat_option")


def test_every_reason_with_a_text_is_there() -> None:
    listed = set(re.findall(r"^- `([a-z0-9]+)` - ", documentation("inet")[4][b"en"].decode(), re.MULTILINE))
    assert len(listed) > 100
    assert {row.name for row in rows("text")} == listed | names("inet", "posix") | {"system_limit"}


def test_the_settings_are_those_that_the_manual_names() -> None:
    text = documentation("inet")[4][b"en"].decode()
    wanted = set(re.findall(r"`(inet_default_(?:connect|listen)_options)`", text))
    assert wanted == {row.name for row in rows("setting")} - {"inet_backend"}


def test_the_messages_are_those_that_the_manual_names() -> None:
    [text] = [each[3][b"en"] for each in documentation("gen_tcp")[6] if each[0] == ("function", "connect", 4)]
    wanted = set(re.findall(r"\*\*`\{(tcp\w*),\s*Socket", text.decode()))
    assert wanted == {row.name for row in rows("message") if row.name.startswith("tcp")}
