"""Of `benchmarks/`: its arithmetic, what it writes down, and that it runs.  Speed is nobody's test."""
