"""The fourteen sentences of the card, each as a comparison of runs."""

from patterns.core.experiment import Experiment
from patterns.request_response.experiments import (
    chains,
    clarity,
    exchange,
    forms,
    limits,
    pages,
    queueing,
    slowness,
    storms,
    threads,
    uses,
)

EXPERIMENTS: tuple[Experiment, ...] = (
    exchange.TWO_MESSAGES,
    queueing.AT_ONCE,
    threads.BLOCKING,
    exchange.HOLDS_THE_RESULT,
    uses.LISTS,
    uses.QUERIES,
    forms.FORMS,
    clarity.EASIEST,
    clarity.CLEAR_ERRORS,
    chains.CHAINS,
    slowness.SLOW_DOWNSTREAM,
    storms.RETRY_STORM,
    limits.LONG_WORK,
    pages.PRODUCT_PAGE,
)
