"""Request-response: one question, one answer, and everything that waiting for it costs.

The tables are in `topology` (who is there), `knobs` (controls, faults, remedies), `measures` (invariants, metrics,
charts) and `scenarios` (guided tours). The backend starts in `shop`: a browser, a page server and its services.
"""

from patterns.core.pattern import Fidelity, Pattern
from patterns.request_response.knobs import CONTROLS, FAULTS, REMEDIES
from patterns.request_response.measures import FIGURES, INVARIANTS, METRICS
from patterns.request_response.scenarios import SCENARIOS
from patterns.request_response.topology import LINKS, NODES

FIDELITY = (
    Fidelity(
        "HTTP",
        "real",
        "Each replica of each service is an HTTP server of its own on a loopback socket, called over kept-alive "
        "connections. Above ×10 time, and in tests that step the clock, the same handlers are called directly.",
    ),
    Fidelity(
        "Pools, breaker, budget, hedging, keys", "real", "They decide on live calls; nothing is computed beforehand."
    ),
    Fidelity(
        "GraphQL",
        "real",
        "Queries are executed by graphql-core; the data loader batches the calls that one page makes.",
    ),
    Fidelity(
        "Cancelling", "real", "A caller that gives up closes its connection; the server works on unless told otherwise."
    ),
    Fidelity(
        "Distance",
        "scaled",
        "Every hop waits for the network latency you set, so that you can see it; loopback takes 0.1 ms.",
    ),
    Fidelity(
        "Work",
        "scaled",
        "A service waits for its service time while it holds a worker; it does not burn the processor.",
    ),
    Fidelity(
        "Loss", "scaled", "A lost request or response is taken off the emulated wire; loopback itself loses nothing."
    ),
    Fidelity(
        "Slow clients",
        "scaled",
        "A request from a slow client arrives whole; a thread is then held for as long as its pieces would take.",
    ),
    Fidelity(
        "Machines",
        "not shown",
        "All servers share one process here, so they never compete for processors as machines do.",
    ),
)

PATTERN = Pattern(
    slug="request-response",
    title="Request-response",
    backend="patterns.request_response.shop:Shop",
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
    transport="sockets",
    golden="product-page",
)
