"""What a host process takes on, and when it says no."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from patterns.host.protocol import MAX_RUNS_PER_VISITOR

MEBIBYTE = 1024 * 1024


class Refused(Exception):
    """Past a bound: the sentence says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one host. Seconds are real seconds here, not run time.

    A run that nobody watches ends after `unwatched_seconds`; any run, however paused, after `wall_seconds`. Above
    `soft_memory_bytes` the largest run ends; at `hard_memory_bytes` the operating system refuses more. A visitor's
    message that answers `inspect` is at most `answer_bytes`.
    """

    runs: int = 600
    runs_per_visitor: int = MAX_RUNS_PER_VISITOR
    unwatched_seconds: float = 60.0
    wall_seconds: float = 1800.0
    soft_memory_bytes: int = 1024 * MEBIBYTE
    hard_memory_bytes: int = 8192 * MEBIBYTE
    answer_bytes: int = 256 * 1024
    history_bytes: int = 512 * 1024
    """A viewer who comes gets all frames so far if they are no more than this, else a snapshot."""
    unsent_bytes: int = 16 * MEBIBYTE
    """While the site has not taken this much, runs are not drained; their next frames are larger."""


def used_memory_bytes() -> int:
    """This process's resident memory; 0 where the operating system does not say."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0
    import resource

    return int(statm.read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def confine(limits: Limits) -> None:
    """Set the operating system's bounds on this process: memory, and a lower priority than the site's."""
    if sys.platform == "win32":
        return
    import os
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    ceiling = limits.hard_memory_bytes if hard == resource.RLIM_INFINITY else min(hard, limits.hard_memory_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))
    # A lab that computes must not take the processor from the loop that writes frames to everyone.
    os.nice(5)
