"""The seventeen sentences of the card, each as a comparison of runs."""

from patterns.core.experiment import Experiment
from patterns.pub_sub.experiments import broadcast, brokers, decoupling, delivery, promptness, staleness

EXPERIMENTS: tuple[Experiment, ...] = (
    decoupling.BROKER_DECOUPLES,
    delivery.ACKNOWLEDGED_IS_KEPT,
    brokers.FILTERS,
    broadcast.FAN_OUT,
    promptness.ASYNCHRONOUS,
    promptness.PUSH_AND_POLL,
    brokers.BROKERS_DIFFER,
    broadcast.NOTIFICATIONS,
    promptness.REAL_TIME,
    broadcast.SAME_ORDERS,
    decoupling.LOOSE_COUPLING,
    decoupling.NEW_SUBSCRIBER,
    staleness.EVENTUAL,
    staleness.ORDERING,
    delivery.LOST_ACKS,
    delivery.POISON,
    staleness.PARTITION,
)
