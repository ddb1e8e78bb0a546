"""gentcp's conformance kit: the same cases on every backend, judged against recordings of Erlang/OTP.

General layout: `case` is the format of a case and `cases/` holds them; `subject` is what a case drives; `term` writes
outcomes as Erlang does.  `run` runs cases, `record` stores what came out, `verdict` judges it, `differences` are the
accepted ones, `matrix` puts it side by side.  `cli` and `report` show it.
"""

from __future__ import annotations

from .case import Case as Case
from .case import case as case
from .subject import CaseError as CaseError
from .subject import Job as Job
from .subject import Peer as Peer
from .subject import RawListener as RawListener
from .subject import Subject as Subject
from .subject import Task as Task
from .subject import Unsupported as Unsupported
from .term import Term as Term
