"""`python -m explorer.experiments.worker`: carries out waiting trials, one after the other, and ends when none is left.

When the site that started it is gone, the pipe to it breaks, and the worker ends; so does the trial under way.
"""

from __future__ import annotations

import os
import sys
import threading
import time

import django

IDLE_SECONDS = 10.0
"""How long a worker without work stays, since starting one takes a second."""
LOOK_SECONDS = 0.3


def serve() -> None:
    """Take trials until there are none for a while."""
    from explorer.experiments.errand import carry  # needs the models, which `main` has made ready
    from explorer.experiments.queue import take_next

    idle_since = time.monotonic()
    while time.monotonic() - idle_since < IDLE_SECONDS:
        trial = take_next()
        if trial is None:
            time.sleep(LOOK_SECONDS)
            continue
        carry(trial)
        idle_since = time.monotonic()


def end_with_the_site() -> None:
    """Wait for the end of standard input, then end: a child's own pipe breaks with this process."""
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Set Django up, and serve."""
    django.setup()
    threading.Thread(target=end_with_the_site, daemon=True).start()
    serve()
    os._exit(0)


if __name__ == "__main__":
    main()
