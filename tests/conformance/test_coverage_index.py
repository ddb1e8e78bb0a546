"""The files of the coverage: read, written, and true of the kit's cases."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, ModuleType

import pytest

from gentcp import erl
from gentcp_conformance import differences
from gentcp_conformance.case import load
from gentcp_conformance.coverage import index as uses
from gentcp_conformance.coverage import inventory, reasons
from gentcp_conformance.coverage.index import Index, common
from gentcp_conformance.coverage.survey import Surveyor
from gentcp_conformance.coverage.table import Builder
from gentcp_conformance.matrix import Oracle
from gentcp_conformance.record import RecordError, recordings
from gentcp_conformance.run import JOBS

# Every so many cases are run again by the tests; `gentcp coverage --check` runs all of them.
STEP = 12

INDEX = Index(
    {
        "a/b/c": {"inet": frozenset({"x:f/1", "message/tcp"}), "socket": frozenset({"x:f/1", "reason/é"})},
        "a/b/d": {"inet": frozenset(), "socket": frozenset()},
    }
)


def test_an_index_is_read_as_it_was_written() -> None:
    assert uses.read(uses.text(INDEX)) == INDEX


def test_the_text_is_sorted() -> None:
    first = uses.text(INDEX).splitlines()[1]
    assert first == '{"case": "a/b/c", "both": ["x:f/1"], "inet": ["message/tcp"], "socket": ["reason/é"]}'


@pytest.mark.parametrize("spoil", ["header", "footer", "a/b/d", '"both"'])
def test_an_index_that_is_not_whole_is_refused(spoil: str) -> None:
    text = uses.text(INDEX)
    lines = text.splitlines(keepends=True)
    with pytest.raises(RecordError, match="index of uses"):
        uses.read(
            "".join(line for line in lines if spoil not in line) if spoil != '"both"' else text.replace(spoil, "1")
        )


def test_indexes_are_merged_in_the_order_of_the_cases() -> None:
    new = Index({"a/b/b": {}, "a/b/d": {"inet": frozenset({"new"}), "socket": frozenset()}})
    merged = INDEX.plus(new, ["a/b/b", "a/b/d", "a/b/e"])
    assert list(merged.cases) == ["a/b/b", "a/b/d"]
    assert merged.of("a/b/d", "inet") == {"new"}
    assert merged.missing(["a/b/c", "a/b/d"]) == ["a/b/c"]


def test_what_runs_have_in_common() -> None:
    runs = [{"inet": frozenset({"a", "b"})}, {"inet": frozenset({"b", "c"})}]
    assert common(runs) == {"inet": {"b"}}


def test_the_inventory_names_nothing_twice() -> None:
    keys = [row.key for row in (*inventory.load().rows, *inventory.load().internal)]
    assert len(keys) == len(set(keys))


def functions() -> Iterator[str]:
    for name, module in vars(erl).items():
        # By their whole name: pytest puts a module of its own into those it rewrites.
        if isinstance(module, ModuleType) and module.__name__ == f"{erl.__name__}.{name}" and not name.startswith("_"):
            for each, function in vars(module).items():
                own = isinstance(function, FunctionType) and function.__module__ == module.__name__
                if own and not each.startswith("_"):
                    yield f"{name}:{each}"


def test_the_inventory_has_every_function_of_the_erlang_face() -> None:
    rows = (*inventory.load().rows, *inventory.load().internal)
    known = {row.name.rpartition("/")[0] for row in rows if row.function}
    assert [name for name in functions() if name not in known] == [], "to be added to coverage/inventory.toml"


def test_every_case_is_in_the_index_and_nothing_else() -> None:
    assert list(uses.load().cases) == load().ids(), "run: gentcp coverage --run"


def test_the_index_mentions_nothing_that_the_inventory_does_not_have() -> None:
    assert uses.load().used - inventory.load().uses == set()


def oracle() -> Oracle:
    return Oracle(recordings(), differences.load(load().ids()), "29")


def test_every_row_has_a_case_or_a_reason() -> None:
    table = Builder(load().select(), uses.load(), oracle(), reasons.load(), inventory.load()).build()
    assert table.without_reason == []
    assert table.unneeded == (), "to be taken out of coverage/reasons.toml"


def test_cases_use_what_the_index_says() -> None:
    cases = load().select()[::STEP]
    assert Surveyor(oracle(), workers=JOBS).survey(cases, uses.load()).stale == (), "run: gentcp coverage --run"
