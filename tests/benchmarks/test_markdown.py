"""Tables for the documentation."""

from __future__ import annotations

import pytest

from benchmarks.markdown import BEGIN, END, inserted

RUN = {"options": {"rounds": 3, "seconds": 0.4}, "finished": "later", "workloads": []}


def test_what_stood_between_the_marks_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.markdown.line", lambda about: f"a machine\nand {about}")
    page = f"before\n{BEGIN}old\n{END}after\n"
    new = inserted(page, {**RUN, "environment": "its peers"})
    assert new.startswith(f"before\n{BEGIN}")
    assert new.endswith(f"{END}after\n")
    assert "old" not in new
    assert "a machine; and its peers." in new
    assert inserted(new, {**RUN, "environment": "its peers"}) == new


@pytest.mark.parametrize("page", ["nothing", BEGIN, END, END + BEGIN])
def test_a_page_without_marks_is_left_alone(page: str) -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        inserted(page, {**RUN, "environment": ""})
