"""How much of the machine others used while an experiment ran."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from patterns.core.clock import real_seconds

BUSY_SHARE = 0.25
"""Share of all cores in others' use beyond which a result in which real time matters carries a warning."""
SHORTEST_SECONDS = 0.5
"""A look over less time than this says nothing: the kernel counts in hundredths of a second."""
STAT = Path("/proc/stat")


@dataclass(frozen=True, slots=True)
class Used:
    """Processor seconds up to a moment: of the whole machine, of this process and the children it has waited for."""

    at: float
    all: float
    own: float


class Busyness:
    """Looks at the machine before the first arm and after each; the busiest stretch counts."""

    def __init__(self) -> None:
        self._last = _read()
        self.worst = 0.0

    def look(self) -> None:
        """What others used since the last look; a stretch that is too short is added to the next."""
        now = _read()
        if self._last is None or now is None or now.at - self._last.at < SHORTEST_SECONDS:
            return
        self.worst = max(self.worst, share_of_others(self._last, now, os.cpu_count() or 1))
        self._last = now

    def warnings(self) -> tuple[str, ...]:
        """A sentence if others kept the machine busy, or if nobody can say whether they did."""
        if self._last is None:
            return ("this system does not tell how busy it was, so nothing warns of others' work",)
        if self.worst <= BUSY_SHARE:
            return ()
        cores = os.cpu_count() or 1
        return (
            f"the machine was busy: while an arm ran, other work took {self.worst:.0%} of its {cores} cores, so times "
            f"spread wider than usual",
        )


def share_of_others(before: Used, after: Used, cores: int) -> float:
    """Which share of all cores went to others between two looks. What a hypervisor took away counts as theirs."""
    others = (after.all - before.all) - (after.own - before.own)
    return min(1.0, max(0.0, others / ((after.at - before.at) * cores)))


def _read() -> Used | None:
    try:
        ticks = [int(word) for word in STAT.read_text().partition("\n")[0].split()[1:9]]
    except OSError:
        return None  # no Linux
    user, nice, system, _, _, irq, softirq, steal = ticks
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    return Used(real_seconds(), (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK"), own)
