"""Claims put to the test on the site: bets, trials, verdicts, and the same work through several patterns."""
