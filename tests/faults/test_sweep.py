"""Every point of every scenario; `python -m tests.faults` prints how many those are."""

from __future__ import annotations

import pytest

from .sweep import Job, jobs, sweep

pytestmark = [  # of raw sockets, and of processes, in runs that something has cut short
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]


@pytest.mark.parametrize("job", jobs(), ids=str)
def test_whatever_call_fails(job: Job) -> None:
    found = sweep(job)
    assert not found.violations
    assert found.fired
