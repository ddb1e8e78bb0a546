"""Hostile input by the million for the packet types: `python -m tests.fuzz`.

General layout: `programs` turns bytes into what is tried, and back; `decoding` and `buffering` try it and say what
must hold; `seeds` are where a search begins; `__main__` hands all that to atheris.  `test_programs` does without it.
"""
