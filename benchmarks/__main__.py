"""`python -m benchmarks`.  Sides import this module again, so it imports nothing."""

if __name__ == "__main__":
    from .command import main

    raise SystemExit(main())
