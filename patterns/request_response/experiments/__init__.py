"""The fourteen sentences of the card, each as a comparison of runs."""

from patterns.core.experiment import Experiment
from patterns.request_response.experiments import clarity, exchange, failures, forms, limits, queueing, threads, uses

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
    failures.CHAINS,
    failures.SLOW_DOWNSTREAM,
    failures.RETRY_STORM,
    limits.LONG_WORK,
    limits.PRODUCT_PAGE,
)
