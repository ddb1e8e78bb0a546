"""What of OTP the cases cover: every function, option, packet type, message and reason, with the cases that use it.

`inventory.toml` is what there is, `uses.jsonl` which case uses what, `reasons.toml` why some of it has no case,
`absent.toml` what gentcp does not have; `gentcp coverage` makes docs/coverage.md of them.

General layout: `inventory`, `index`, `reasons` and `absent` read the files; `survey` makes the index, with `watching`
and `noticing` looking on while cases run; `table` joins everything, `page` prints it.
"""

from __future__ import annotations

from .index import Index as Index
from .table import Builder as Builder
from .table import Table as Table
