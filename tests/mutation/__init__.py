"""Mutation testing: cosmic-ray's operators change the backends, the engine and the packet types; does the suite see it?

`python -m tests.mutation --sample 50 --seed 1` runs some of the mutants and prints a table and who survived.

- `places`: which modules are mutated, and which backends they can be seen on
- `operators`, `harmless`, `listing`: the mutants of a module; what is no mutant, since it cannot change anything
- `tracing`, `index`: which case runs which lines, found by running the suite once under a tracer
- `reach`: which cases can see a mutant
- `overlay`, `trial`, `running`: a copy of the packages with the mutant in it, and the cases that are run on that
- `results`, `survivors`, `table`: what is kept, what does not count, what is shown
"""
