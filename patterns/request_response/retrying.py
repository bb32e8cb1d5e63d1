"""How often and when a failed call is tried again."""

from __future__ import annotations

import random

BACKOFF_BASE, BACKOFF_CAP = 0.2, 5.0
"""Seconds."""

BUDGET_RATIO = 0.1
"""Retries per call that a caller may make in the long run ("Site Reliability Engineering", chapter 21)."""

BUDGET_RESERVE = 10.0
"""Retries that may be saved up."""


def full_jitter(attempt: int, source: random.Random) -> float:
    """Seconds to wait after the failure of try number `attempt`, as in the AWS Architecture Blog, "Exponential Backoff
    And Jitter": uniform between 0 and base × 2^attempt, capped."""
    return source.uniform(0.0, min(BACKOFF_CAP, BACKOFF_BASE * 2 ** (attempt - 1)))


class RetryBudget:
    """A purse that fills by a tenth with each call and pays one for each retry: at most 1.1 times the load."""

    def __init__(self) -> None:
        self._saved = 0.0

    def earn(self) -> None:
        """A call begins."""
        self._saved = min(BUDGET_RESERVE, self._saved + BUDGET_RATIO)

    def pay(self) -> bool:
        """Whether there is enough for one retry, which is then spent."""
        if self._saved < 1.0 - 1e-9:
            return False
        self._saved -= 1.0
        return True
