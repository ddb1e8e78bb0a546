"""What a message costs in system calls, in memory and in calls of functions: counted, so that it holds on any machine.

General layout: `paths` has what is counted, on connections made by `kit`; `streams` and `mailboxes` what takes more
than one call after the other; `child` runs them in an interpreter of their own, under `meters` or under strace;
`runs` starts it, and `strace` reads what strace wrote.
"""
