"""The trials of one comparison: what goes on, what is known, and what came to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from explorer.experiments import queue
from explorer.experiments.comparison import Pairing
from explorer.models import Trial


@dataclass(frozen=True, slots=True)
class Trials:
    """A comparison's trials: the one under way, the newest that measured something, the one since that says nothing.

    By whomever, since everybody's first is the same; a void one only matters to who had asked for it or stopped it.
    """

    active: Trial | None = None
    done: Trial | None = None
    failed: Trial | None = None

    @classmethod
    def find(cls, pairing: Pairing, visitor_id: str, stopped: str) -> Trials:
        """Look for them; `stopped` names one that the visitor has just left."""
        all_of_them = Trial.objects.filter(claim=pairing.claim).order_by("-created")
        active = all_of_them.filter(state__in=queue.ACTIVE).first()
        if active is not None and queue.has_died(active):
            queue.bury_the_silent()
            active = None
        done = all_of_them.filter(state=Trial.State.DONE, report__has_key="columns").first()
        mine = Q(visitors__pk=visitor_id) if visitor_id else Q(pk=None)
        mine |= Q(pk=_read_uuid(stopped))
        latest = all_of_them.filter(Q(state=Trial.State.DONE) | (Q(state=Trial.State.VOID) & mine)).first()
        return cls(active, done, latest if active is None and latest != done else None)


def _read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
