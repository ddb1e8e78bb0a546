"""Random programs of socket calls, run on two subjects, for what the cases do not know yet: `gentcp explore`.

General layout:

- `program`, `draw`, `scene`, `payloads`, `choices`, `areas`: what a program is, and how one is drawn from a seed;
- `kinds`: the one table of what a program can do, with `calls` and `deeds` for what stands in its rows;
- `stage`, `opening`, `running`, `showing`: a program run on one backend, and its outcome as lines of text;
- `worker`, `side`, `subjects`: workers, processes of the system that run the programs of one subject;
- `hunt`, `shrinking`, `finding`, `known`, `files`: what differs, made small, grouped, and told from what is known;
- `python_code`, `erlang_code`, `case_code`: programs as code.
"""
