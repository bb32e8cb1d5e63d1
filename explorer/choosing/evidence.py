"""What a recommendation cites: claims for and against it, what runs here measured of them, and tours that show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.urls import reverse

from explorer.choosing.scoring import Reason, Standing
from explorer.experiments.evidence import ICONS, NO_TEST, NOT_BUILT, OPINION, Chip, Evidence, read_chips
from explorer.labs.declaration import find_recording
from explorer.models import Card, Claim, SavedRun
from patterns.core.pattern import discover

NOT_YET = "not yet run here"
ABSENT = {
    NOT_BUILT: f"{NOT_YET}: its lab is not built",
    NO_TEST: f"{NOT_YET}: its experiment is not written",
    OPINION: "an opinion: no run can test it",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """A claim that a recommendation leans on, and the last thing this site measured about it.

    `measured` is absent while nobody has run it here; `absent` then says why. `run` is the kept run to look at.
    """

    claim: Claim
    page: str
    measured: Evidence | None
    run: str
    absent: str

    @property
    def icon(self) -> str:
        """Beside the verdict's word, so that colour is never alone."""
        return ICONS.get(self.measured.verdict, "") if self.measured else ""

    @property
    def but(self) -> str:
        """Where the sentence does not hold, if it is known to be too strong as worded."""
        return self.claim.caveat if self.claim.expectation == Claim.Expectation.REFINED else ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A claim with its ground, and the tour of the lab that shows it (no address while there is none).

    `recorded_url` is the recording that came with the site, cited only until something was measured here.
    """

    ground: Ground
    tour: str
    tour_url: str
    recorded_url: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A pattern as it stands, why, and what is cited for and against it."""

    card: Card
    standing: Standing
    grounds: Mapping[str, Ground]
    has_lab: bool
    shows: Exhibit | None
    loses: Exhibit | None

    @property
    def gains(self) -> list[tuple[Reason, Ground | None]]:
        """What speaks for it, each with what was measured."""
        return [(reason, self.grounds.get(reason.claim)) for reason in self.standing.gains]

    @property
    def costs(self) -> list[tuple[Reason, Ground | None]]:
        """What speaks against it, each with what was measured."""
        return [(reason, self.grounds.get(reason.claim)) for reason in self.standing.costs]

    @property
    def reasons(self) -> list[tuple[Reason, Ground | None]]:
        """All reasons, in the order of the questions."""
        return [(reason, self.grounds.get(reason.claim)) for reason in self.standing.reasons]


@cache
def read_guide() -> dict[str, Any]:
    """The guide's questions, points and evidence."""
    path = settings.FIXTURE_DIRS[0] / "guide" / "choose.yaml"
    guide: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return guide


def recommend(standings: list[Standing]) -> list[Recommendation]:
    """Put each pattern's evidence beside its points."""
    cards, labs = Card.objects.in_bulk(), discover()
    cited: dict[str, Mapping[str, str]] = read_guide()["evidence"]
    grounds = _read_grounds(standings, cited)
    found = []
    for standing in standings:
        slug, said = standing.slug, cited.get(standing.slug, {})
        shows = _exhibit(slug, grounds.get(said.get("for", "")), said.get("shows", ""))
        loses = _exhibit(slug, grounds.get(said.get("against", "")), said.get("loses", ""))
        found.append(Recommendation(cards[slug], standing, grounds, slug in labs, shows, loses))
    return found


def _read_grounds(standings: Iterable[Standing], cited: Mapping[str, Mapping[str, str]]) -> dict[str, Ground]:
    """The ground of every claim that is leaned on, whoever ran it; few queries for all of them."""
    wanted = {reason.claim for standing in standings for reason in standing.reasons}
    wanted |= {said[part] for said in cited.values() for part in ("for", "against")}
    claims = Claim.objects.in_bulk(wanted)
    chips = read_chips(claims.values(), "")
    trials = [chip.weightiest.trial for chip in chips.values() if chip.weightiest]
    runs = SavedRun.objects.filter(trials__in=trials).order_by("created")
    # of each trial the last: the first arm is most often the one in which nothing is broken
    kept = {str(trial): str(run) for trial, run in runs.values_list("trials", "pk")}
    return {slug: _read_ground(claim, chips[slug], kept) for slug, claim in claims.items()}


def _read_ground(claim: Claim, chip: Chip, kept: Mapping[str, str]) -> Ground:
    page = reverse("experiment", args=[claim.card_id, claim.slug])
    if (measured := chip.weightiest) is None:
        return Ground(claim, page, None, "", ABSENT.get(chip.status, NOT_YET))
    run = kept.get(measured.trial, "")
    return Ground(claim, f"{page}?trial={measured.trial}", measured, reverse("run", args=[run]) if run else "", "")


def _exhibit(slug: str, ground: Ground | None, scenario: str) -> Exhibit | None:
    if ground is None:
        return None
    lab, page = discover().get(slug), reverse("pattern", args=[slug])
    tour = next((each for each in lab.scenarios if each.slug == scenario), None) if lab else None
    if lab is None or tour is None:
        return Exhibit(ground, "", "", "")
    cites = ground.measured is None and find_recording(lab, tour.slug)
    recorded = reverse("tour", args=[slug, tour.slug]) if cites else ""
    return Exhibit(ground, tour.title, f"{page}?scenario={tour.slug}", recorded)
