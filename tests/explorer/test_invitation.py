"""The bet that a lab invites to: a sentence that the visitor has not yet put to the test, and no other."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from explorer.catalogue.invitation import invite
from explorer.experiments.evidence import NOT_RUN, Chip
from patterns.core.experiment import experiments

BETS = [claim for claim, (slug, experiment) in experiments().items() if slug == "pub-sub" and experiment.bet]


def chips(*run: str) -> dict[str, Chip]:
    return {claim: Chip(claim, "proved" if claim in run else NOT_RUN, (), ()) for claim in BETS}


def test_it_is_the_first_that_was_not_run():
    invitation = invite(chips(BETS[0]))
    assert invitation is not None
    assert invitation.claim == BETS[1]
    assert invitation.question == experiments()[BETS[1]][1].bet.question


def test_there_is_none_once_all_were_run():
    assert invite(chips(*BETS)) is None


@pytest.mark.django_db
def test_the_lab_asks_it_and_leads_to_it(client):
    call_command("content", verbosity=0)
    page = client.get("/patterns/pub-sub/").content.decode()
    assert f'href="/patterns/pub-sub/experiments/{BETS[0]}/">Bet, then run it' in page
