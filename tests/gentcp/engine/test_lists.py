"""Lists that may be improper."""

from __future__ import annotations

from typing import Any

import pytest

from gentcp.engine import generated, split_list
from gentcp.erl import ErlangError, ImproperList


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ([], ([], [])),
        ([1, 2], ([1, 2], [])),
        (ImproperList([1], "x"), ([1], "x")),
        (ImproperList([1], ImproperList([2], b"")), ([1, 2], b"")),
        (ImproperList([1], [2, 3]), ([1, 2, 3], [])),
        ("x", ([], "x")),
        (None, ([], None)),
    ],
    ids=repr,
)
def test_elements_and_end(term: Any, expected: Any) -> None:
    assert split_list(term) == expected


def test_a_comprehension_takes_proper_lists_only() -> None:
    assert generated(ImproperList([1], [2])) == [1, 2]
    for term in (ImproperList([1], "x"), "x"):
        with pytest.raises(ErlangError) as caught:
            generated(term)
        assert caught.value.term == ("bad_generator", "x")
