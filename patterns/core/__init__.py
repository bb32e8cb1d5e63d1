"""What every pattern is made of: clock, message, link, log, faults, invariants, metrics, pattern, run."""
