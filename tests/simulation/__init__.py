"""The engine's own code over a simulated kernel, a virtual clock and a seeded scheduler.  See docs/testing.md."""
