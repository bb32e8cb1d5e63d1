"""Publish-subscribe: one event reaches many services that do not know each other."""

from patterns.core.pattern import Pattern
from patterns.pub_sub.damages import FAULTS
from patterns.pub_sub.knobs import CONTROLS, REMEDIES
from patterns.pub_sub.measures import FIGURES, METRICS
from patterns.pub_sub.promises import INVARIANTS
from patterns.pub_sub.scenarios import SCENARIOS
from patterns.pub_sub.topology import ENGINES, FIDELITY, LINKS, NODES

PATTERN = Pattern(
    slug="pub-sub",
    title="Publish-subscribe",
    backend="patterns.pub_sub.shop:Shop",
    nodes=NODES,
    links=LINKS,
    controls=CONTROLS,
    remedies=REMEDIES,
    faults=FAULTS,
    invariants=INVARIANTS,
    metrics=METRICS,
    figures=FIGURES,
    scenarios=SCENARIOS,
    fidelity=FIDELITY,
    engines=ENGINES,
    transport="in process",
    golden="fan-out",
)
