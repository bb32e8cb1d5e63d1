"""The product page from a ready copy, as a declaration: four services publish what changes, a reader keeps it."""

from __future__ import annotations

from patterns.core.faults import Fault
from patterns.core.link import Link
from patterns.core.pattern import Control, Fidelity, Node, Pattern
from patterns.core.product_page import SOURCES
from patterns.pub_sub.knobs import CONTROLS, REMEDIES

_OWN = ("orders", "publish-rate")

LAB = Pattern(
    slug="pub-sub-page",
    title="Pub-sub: show a product page",
    backend="patterns.pub_sub.product_copy:ProductPage",
    nodes=(
        Node("browser", "Browser", "client", 6, 30, about="Visitors, each waiting for one page."),
        Node("page", "Page server", "gateway", 28, 30, about="Looks into the copy."),
        Node("copy", "Copy", "store", 54, 30, ("applied",), about="All parts of all products, as far as events told."),
        Node("broker", "Broker", "broker", 54, 76, about="Keeps what the copy has not acked."),
        *(Node(name, name.capitalize(), "producer", 88, 10 + 27 * place, ("state",), about="Publishes what changes.")
          for place, name in enumerate(SOURCES)),
    ),
    links=(
        Link("browser", "page", protocol="HTTP"),
        Link("page", "copy", protocol="HTTP"),
        Link("broker", "copy", protocol="deliver"),
        *(Link(name, "broker", protocol="publish") for name in SOURCES),
    ),
    controls=(*(control for control in CONTROLS if control.name not in _OWN),
              Control("parts", "Parts of a page", "parts", 12, 1, 150)),
    remedies=REMEDIES,
    faults=(
        Fault("down", "Down", SOURCES, "It publishes nothing; what changes meanwhile it publishes when it is back."),
        Fault("slow", "Slow", SOURCES, "It publishes so much later.", "s", 2.0, 0.0, 30.0),
    ),
    invariants=(), metrics=(), figures=(), scenarios=(),
    fidelity=(
        Fidelity("Broker and reader", "real", "The lab's own parts, wired for one more story."),
        Fidelity("Time of a hop and of a look", "scaled", "Put on by the clock, so that an eye can follow."),
    ),
)  # fmt: skip
