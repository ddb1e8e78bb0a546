"""`gentcp list`, and `gentcp show` of more than one case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gentcp_conformance.case import load, named
from gentcp_conformance.choosing import differs, recordings_of, uses
from gentcp_conformance.coverage import index

from .command import NARROW, run

REGISTRY = load()
INDEX = index.load()


def listed(*arguments: str) -> list[str]:
    ran = run("list", "--json", *arguments)
    assert ran.exit_code == 0, ran.output
    content: list[dict[str, Any]] = json.loads(ran.stdout)
    return [each["case"] for each in content]


def test_all_of_them() -> None:
    assert listed() == REGISTRY.ids()


@pytest.mark.parametrize(
    ("id", "pattern", "is_meant"),
    [
        ("send/timeout/zero", "send", True),
        ("sendfile/raw/other", "send", False),
        ("send/timeout/zero", "send/timeout", True),
        ("send/timeout-close/passive", "send/timeout", False),
        ("send/timeout-close/passive", "send/timeout-", True),
        ("send/timeout/zero", "*/timeout/*", True),
        ("send/timeout/zero", "send/timeout/zero", True),
        ("send/timeout/zero-stalled", "send/timeout/zero", False),
    ],
)
def test_what_a_word_means(id: str, pattern: str, is_meant: bool) -> None:
    assert named(id, pattern) is is_meant


def test_an_area_and_the_beginning_of_a_topic() -> None:
    assert {case.partition("/")[0] for case in listed("send")} == {"send"}
    assert listed("send/rest-d") == listed("send/rest-data")


def test_what_uses_something() -> None:
    """By the index of uses, and not by what is written in ids and titles."""
    found = listed("--uses", "send_timeout")
    assert found == [id for id in REGISTRY.ids() if any("option/send_timeout@" in use for use in used(id))]
    assert set(listed("--uses", "send_timeout", "--uses", "packet=4")) < set(found)
    assert "send/rest-data/recovery" in listed("--uses", "packet=4", "--uses", "gen_tcp:send/2")


def used(id: str) -> set[str]:
    return {use for name in ("inet", "socket") for use in INDEX.of(id, name)}


@pytest.mark.parametrize("wanted", ["send", "gen_tcp:send/2", "active@setopts", "ACTIVE", "option/active", "closed"])
def test_ways_to_name_a_use(wanted: str) -> None:
    assert any(uses(INDEX, id, wanted) for id in REGISTRY.ids())


def test_what_differs_between_two_columns() -> None:
    known = recordings_of("25:inet", "29:inet")
    found = listed("--differs", "25:inet,29:inet")
    assert found == [id for id in REGISTRY.ids() if differs(known, id, "25:inet", "29:inet")]
    assert 0 < len(found) < len(REGISTRY.ids())
    assert run("list", "--differs", "29:inet,29:inet").exit_code == 1


def test_areas_with_counts_and_titles_as_lines() -> None:
    assert f"send\t{len(listed('send'))}\n" in run("list", "--areas").stdout
    (line,) = run("list", "send/rest-data/recovery").stdout.splitlines()
    assert line == "send/rest-data/recovery\tCompleting a torn packet: switch to raw, send the rest, switch back"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sned"], "no case 'sned'"),
        (["--uses", "send_timout"], "no case uses 'send_timout'"),
        (["--differs", "29:inet"], "want two columns"),
        (["--differs", "29:inet,28:inet"], "there are 25:inet"),
    ],
)
def test_bad_input(arguments: list[str], says: str) -> None:
    ran = run("list", *arguments)
    assert ran.exit_code == 2
    assert says in " ".join(ran.stderr.replace("│", " ").split())


def test_show_of_several_has_python_erlang_and_the_steps() -> None:
    shown = run("show", "send/timeout", env=NARROW).stdout
    for id in listed("send/timeout"):
        assert id in shown
    (first, *_) = shown.split("=" * 80)
    assert first.index("in Python") < first.index("in Erlang, for its shell") < first.index("step by step")
    assert "gen_tcp:send(S," in first
