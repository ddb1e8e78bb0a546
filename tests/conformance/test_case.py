from __future__ import annotations

import pkgutil
import sys
from typing import Any

import pytest

import gentcp_conformance.cases
from gentcp_conformance.case import AREAS, Registry, load

from .toys import make


@pytest.mark.parametrize(
    "id", ["send", "Send/x", "send/", "send//x", "send/a_b", "send/-a", "a/b/c/d/e", "send/a--b", ""]
)
def test_a_malformed_id_is_refused(id: str) -> None:
    with pytest.raises(ValueError, match="want area/topic/name"):
        make(lambda _: "ok", id)


def test_an_id_cannot_be_taken_twice() -> None:
    registry = Registry()
    make(lambda _: "ok", registry=registry)
    with pytest.raises(ValueError, match="area/topic/name' is taken by"):
        make(lambda _: "ok", registry=registry)


def test_an_unknown_need_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown needs \['ipx'\]; known: \['inet6', 'local'\]"):
        make(lambda _: "ok", needs=["ipx"])


def test_an_id_has_an_area_and_a_name() -> None:
    toy = make(lambda _: "ok", "send/timeout/rest")
    assert (toy.area, toy.name) == ("send", "timeout/rest")


def test_the_explanation_is_one_paragraph() -> None:
    assert make(lambda _: "ok", means="One\n    two.\n").means == "One two."


def test_cases_are_selected_by_prefix_and_ordered_by_area() -> None:
    registry = Registry()
    for id in ("recv/b", "other/x", "send/b", "send/a", "recv/a"):
        make(lambda _: "ok", id, registry=registry)
    assert [each.id for each in registry.select()] == ["send/b", "send/a", "recv/b", "recv/a", "other/x"]
    assert [each.id for each in registry.select(["recv", "send/a"])] == ["send/a", "recv/b", "recv/a"]
    assert registry.select(["nothing"]) == []


def test_code_is_the_function_without_its_decorator() -> None:
    def driven(_: Any) -> Any:
        return "ok"

    assert make(driven).code == 'def driven(_: Any) -> Any:\n    return "ok"'


def test_code_comes_with_the_helpers_it_uses() -> None:
    code = {each.id: each.code for each in load().select()}["send/data/empty"]
    assert code.startswith("def empty(t: Subject)")
    assert "\n\n\ndef empty_with(t: Subject" in code


def test_every_module_of_cases_is_loaded() -> None:
    load()
    names = [module.name for module in pkgutil.iter_modules(gentcp_conformance.cases.__path__)]
    assert names
    assert [name for name in names if f"gentcp_conformance.cases.{name}" not in sys.modules] == []


def test_every_case_explains_itself() -> None:
    cases = load().select()
    assert len(cases) >= 850
    assert {each.area for each in cases} == set(AREAS)
    assert [each.id for each in cases if len(each.means) < 80 or not each.title or not each.source] == []
    assert [each.id for each in cases if not each.code.startswith("def ")] == []
