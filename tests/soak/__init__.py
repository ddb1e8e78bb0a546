"""Thousands of connections at once, for as long as wanted: no byte may be lost and nothing may be left behind.

General layout: `__main__` the command line, `streams` what is sent and how it is checked, `connections` a connection,
its two ends and what may be lost, `owners` the processes that send, receive and close, `moves` what they do to an end
now and then, `rounds` a round of it from the first connection to the last, `measures` descriptors, threads and memory,
`soaking` a whole soak in a process of the system, `processes` in several, `figures` how all that is shown.
"""
