"""The contestants, each as its own users would write it; a module is imported by the side that runs it, and no other.

Its functions are roles, with a channel to whoever measures as the first argument:
`echo` and `churn` serve packets of `packet` 4, and say their port; so does `hold`, which only keeps what it accepts.
What begins something does it with `turns.begin`.
`drive(port, seconds, size)` is a client that sends a packet and waits for the reply: turns and seconds.
`receive(kind)` takes messages until the peer closes: port, then how many, the last one, and when.
`send(port, seconds, size)` sends messages, one call each: how many, and when it began.
`bulk_receive` and `bulk_send(piece, port, seconds)` are the same for bytes.  `roster` lists who has which role;
`origins` is none of them, it looks which gentcp a side gets.
"""
