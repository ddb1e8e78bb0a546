from __future__ import annotations

import pytest

from benchmarks.figures import median, noise, paired, quartiles


@pytest.mark.parametrize(
    ("values", "expected"),
    [([7.0], (7, 7, 7)), ([1.0, 3.0], (1.5, 2, 2.5)), ([5.0, 1.0, 4.0, 2.0, 3.0], (2, 3, 4))],
    ids=["one", "two", "five"],
)
def test_quartiles_are_those_of_the_values_themselves(
    values: list[float], expected: tuple[float, float, float]
) -> None:
    assert quartiles(values) == expected


def test_noise_is_the_distance_of_the_quartiles_over_the_median() -> None:
    assert noise([5.0, 1.0, 4.0, 2.0, 3.0]) == pytest.approx(2 / 3)
    assert noise([0.0, 0.0]) == 0


def test_a_ratio_is_taken_within_a_round() -> None:
    assert paired({0: 2.0, 1: 20.0}, {0: 4.0, 1: 10.0}) == [0.5, 2.0]


def test_rounds_in_which_only_one_was_measured_have_no_ratio() -> None:
    assert paired({0: 2.0, 3: 6.0}, {0: 4.0, 1: 9.0, 2: 9.0, 3: 3.0}) == [0.5, 2.0]
    assert paired({0: 2.0}, {1: 4.0}) == []


def test_a_base_that_did_nothing_has_no_ratio() -> None:
    assert paired({0: 2.0, 1: 2.0}, {0: 0.0, 1: 1.0}) == [2.0]


def test_the_median_of_nothing_is_nothing() -> None:
    assert median([]) is None
    assert median([3.0, 1.0, 2.0]) == 2
