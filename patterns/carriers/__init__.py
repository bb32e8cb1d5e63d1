"""How a call travels: directly, over loopback HTTP, or to a process of its own. The handler stays the same."""
