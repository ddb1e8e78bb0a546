"""What a program on a BEAM does with sockets while it runs, and what of it changes: `gentcp watch`."""
