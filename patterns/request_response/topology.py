"""Who is there and who calls whom: a browser, the page server it asks, and the services the page is made from."""

from patterns.core.link import Link
from patterns.core.pattern import Node

SERVICES = ("price", "reviews", "stock", "recommendations")
"""The services behind the page, in the order in which widgets are dealt to them."""

SERVERS = (*SERVICES, "page")

NODES = (
    Node("browser", "Browser", "client", 8, 50, ("waiting", "orders"), about="Visitors, each waiting for one answer."),
    Node(
        "page",
        "Page server",
        "gateway",
        36,
        50,
        ("state", "pool", "queue"),
        about="Builds a page from widgets. Each call to a service holds one thread of its pool until it is over.",
    ),
    Node(
        "cache",
        "Cache",
        "cache",
        36,
        12,
        ("entries", "hits"),
        about="Answers kept for a while, asked before a service is.",
    ),
    Node("price", "Price", "service", 78, 12, ("state", "busy", "breaker"), about="Knows what a product costs."),
    Node(
        "reviews", "Reviews", "service", 78, 37, ("state", "busy", "breaker"), about="Knows what others thought of it."
    ),
    Node(
        "recommendations",
        "Recommendations",
        "service",
        78,
        63,
        ("state", "busy", "breaker"),
        about="Suggests more, and asks Stock before it does: a third layer of calls.",
    ),
    Node(
        "stock", "Stock", "service", 78, 88, ("state", "busy", "breaker", "applied"), about="Reserves what was ordered."
    ),
)

LINKS = (
    Link("browser", "page", latency=0.05, protocol="HTTP"),
    Link("page", "cache", latency=0.05, protocol="HTTP"),
    *(Link("page", service, latency=0.05, protocol="HTTP") for service in SERVICES),
    Link("recommendations", "stock", latency=0.05, protocol="HTTP"),
)
