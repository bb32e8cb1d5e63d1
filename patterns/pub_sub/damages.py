"""What can go wrong on request."""

from __future__ import annotations

from patterns.core.faults import Fault
from patterns.pub_sub.topology import SUBSCRIBERS

FAULTS = (
    Fault("drop-ack", "Acks lost", SUBSCRIBERS, "The reader's ack is lost on its way to the broker.", "ratio", 0.4),
    Fault("crash", "Crash before the ack", SUBSCRIBERS, "One member dies between its effect and its ack.", lasts=3.0),
    Fault("stop", "Stopped", SUBSCRIBERS, "The reader is off until healed; the broker keeps its messages."),
    Fault("slow", "Slow", SUBSCRIBERS, "Each handling takes so much longer.", "s", 1.0, 0.0, 30.0),
    Fault("reorder", "Deliveries overtaken", SUBSCRIBERS, "Some deliveries take a long way round.", "ratio", 0.3),
    Fault("kill-broker", "Broker killed", ("broker",), "The broker dies at once and starts again later.", lasts=3.0),
    Fault(
        "crash-publisher", "Publisher crashes", ("orders",), "It dies after the commit, before the publish.", lasts=2.0
    ),
    Fault(
        "duplicate-publish", "Published twice", ("orders",), "Some events are published a second time.", "ratio", 0.3
    ),
    Fault("poison", "Poison message", ("orders",), "Some events choke every reader until a fix is out.", "ratio", 0.1),
    Fault("rename-field", "Field renamed", ("orders",), "The total is published under another name."),
    Fault("fail", "Provider refuses", ("email",), "The mail provider turns some letters away.", "ratio", 0.3),
)
