"""The twin of the built-in broker on a real server: NATS JetStream.

The server stores, filters, numbers, deduplicates and redelivers; `broker` only asks it to, and tells the log. `uplink`
is the line to the server and lives through its deaths, `feeds` pulls from it, and `desks` is what this side keeps.
"""
