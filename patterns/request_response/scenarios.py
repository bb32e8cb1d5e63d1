"""Guided tours, one per failure mode worth seeing. The first plays on load.

Longer than most files: it is one table.
"""

from patterns.core.scenario import Scenario, Step, Stop

PRODUCT_PAGE = Scenario(
    "product-page",
    "A product page waits for its slowest part",
    "See one page call four services, see one slow service hold up the whole page, and let the page go out without it.",
    20,
    {"request-rate": 1.2, "network-latency": 0.2, "service-time": 0.2, "checkout-share": 0, "timeout": 5.0},
    (
        Step(6, fault="slow:reviews", amount=2.0),
        Step(11, {"timeout": 1.4}),
        Step(14, {"fallback": True}),
        Step(17.5, heal="slow:reviews"),
    ),
    (
        Stop(1.15, "A visitor asks for one page. The page server asks four services at once, and waits.", "page"),
        Stop(
            2.3,
            "Three answers came at once. Recommendations had to ask Stock first, so the page waited for it.",
            "page",
        ),
        Stop(
            8.6,
            "Reviews takes two seconds longer now. Three answers are here, and every page waits for the fourth.",
            "reviews",
        ),
        Stop(13.6, "A timeout of 1.4 s ends the waiting. But a page with one part missing is an error.", "page"),
        Stop(16.6, "With a fallback the page goes out without its reviews: degraded, not down.", "browser"),
    ),
)

POOL_FILLS = Scenario(
    "pool-fills",
    "One slow service takes all the threads",
    "Watch 20 threads fill up behind Reviews, watch Price fail although nothing is wrong with it, then add a bulkhead.",
    16,
    {
        "request-rate": 50,
        "widgets": 2,
        "service-time": 0.02,
        "network-latency": 0.01,
        "pool-size": 20,
        "timeout": 3.0,
        "checkout-share": 0,
        "workers": 64,
        "replicas": 4,
    },
    (
        Step(3, fault="slow:reviews", amount=2.0),
        Step(9, {"bulkhead": True}),
        Step(12.5, {"timeout": 0.3, "fallback": True}),
    ),
    (
        Stop(2.5, "50 pages a second, each call 40 ms: by Little's law 4 of 20 threads are in use.", "page"),
        Stop(3.6, "Reviews takes 2 s now. 50 × 2 = 100 threads would be needed; all 20 are taken.", "page"),
        Stop(7.5, "Price is as quick as ever, but its calls find no free thread. They fail too.", "price"),
        Stop(12, "With a bulkhead Reviews may hold 5 threads. Its own calls fail; Price is well again.", "price"),
        Stop(15.5, "A short timeout and a fallback: pages go out at once, without reviews.", "browser"),
    ),
    speed=0.5,
)

RETRY_STORM = Scenario(
    "retry-storm",
    "Three layers of retries",
    "Stock is down. Browser, page server and recommendations each try four times: count what arrives.",
    24,
    {
        "request-rate": 1,
        "widgets": 1,
        "widgets-from": "recommendations",
        "network-latency": 0.01,
        "retries": 3,
        "checkout-share": 0,
        "timeout": 2.0,
    },
    (
        Step(3, fault="crash:stock", lasts=0),
        Step(12, {"retry-budget": True, "retry-backoff": True}),
    ),
    (
        Stop(2.5, "One visit is one call to the page, to Recommendations and to Stock.", "stock"),
        Stop(6, "Stock is down. Three layers of four tries make 4 × 4 × 4 = 64 calls of one visit.", "stock"),
        Stop(
            20,
            "One layer retries, and one call in ten at most: Stock sees 1.1 times the load, not 64.",
            "recommendations",
        ),
    ),
)

STORM_STAYS = Scenario(
    "storm-stays",
    "A storm that outlasts its cause",
    "Slow a service for three seconds. See retries keep it down long after it is well, and what brings it back.",
    34,
    {
        "request-rate": 8,
        "widgets": 1,
        "widgets-from": "price",
        "checkout-share": 0,
        "service-time": 0.2,
        "replicas": 1,
        "workers": 2,
        "network-latency": 0.02,
        "pool-size": 100,
        "timeout": 0.8,
        "patience": 3.0,
        "retries": 3,
    },
    (
        Step(4, fault="slow:price", amount=1.0, lasts=3),
        Step(20, {"retry-budget": True, "deadline-propagation": True}),
    ),
    (
        Stop(3.5, "Eight visits a second, and a Price that can do ten. All are answered.", "price"),
        Stop(6.5, "Price is slow for three seconds. Its callers give up and try again, in two layers.", "page"),
        Stop(
            18,
            "Price has been well for eleven seconds. Retries keep its queue full, and it works for callers who have"
            " gone.",
            "price",
        ),
        Stop(
            30,
            "One retry in ten calls, and no work for who has gone: the queue is empty, visits are answered.",
            "price",
        ),
    ),
)

LOST_RESPONSE = Scenario(
    "lost-response-doubles-an-order",
    "No answer is not a no",
    "Lose some answers to orders. The browser tries again, and one order is applied twice, until it carries a key.",
    20,
    {"request-rate": 1, "checkout-share": 1, "retries": 2, "patience": 1.2, "network-latency": 0.1},
    (
        Step(2, fault="lose-response:page", amount=0.5),
        Step(11, {"idempotency-key": True}),
    ),
    (
        Stop(1.5, "An order goes to the page server and on to Stock, which reserves. The answer comes back.", "stock"),
        Stop(
            4.5, "The order was applied; only its answer got lost. The browser cannot tell, and tries again.", "browser"
        ),
        Stop(8, "Stock cannot tell either. It reserves the same order a second time.", "stock"),
        Stop(16, "A key makes the repeat recognisable: Stock replays the stored answer and changes nothing.", "stock"),
    ),
)

TAIL_OF_MANY = Scenario(
    "tail-of-many",
    "One slow call in a hundred, a hundred calls a page",
    "One call in a hundred is slow. See how many pages are, with 4 widgets and with 100.",
    20,
    {
        "request-rate": 2,
        "widgets": 4,
        "slow-share": 0.01,
        "pool-size": 400,
        "workers": 64,
        "replicas": 4,
        "timeout": 3.0,
        "checkout-share": 0,
        "network-latency": 0.02,
    },
    (
        Step(6, {"widgets": 100, "request-rate": 1}),
        Step(14, {"timeout": 0.5, "fallback": True}),
    ),
    (
        Stop(5.5, "Each page makes four calls, one in a hundred is slow: four pages in a hundred are.", "page"),
        Stop(12, "100 calls a page: 1 − 0.99^100 = 63 % of the pages now meet a slow one.", "page"),
        Stop(18, "A timeout and a fallback for each widget: every page goes out in time, few parts missing.", "page"),
    ),
)

N_PLUS_ONE = Scenario(
    "n-plus-one",
    "A list of ten and its eleven calls",
    "Fetch a list and a price for each of its ten items: by REST, by GraphQL, and by GraphQL with a data loader.",
    24,
    {
        "request-rate": 0.6,
        "widgets": 1,
        "items": 10,
        "style": "rest-serial",
        "checkout-share": 0,
        "network-latency": 0.05,
    },
    (
        Step(6, {"style": "rest-parallel"}),
        Step(12, {"style": "graphql"}),
        Step(18, {"style": "graphql-dataloader"}),
    ),
    (
        Stop(
            5, "The list, then ten prices, one after the other: eleven calls behind, eleven trips in front.", "browser"
        ),
        Stop(10, "Side by side is quicker. It is the same number of calls.", "browser"),
        Stop(16, "One GraphQL query: one trip for the browser, still eleven calls behind it.", "page"),
        Stop(22, "A data loader gathers the ten keys of one page into one call: two calls in all.", "price"),
    ),
)

CACHE_FLUSH = Scenario(
    "cache-flush",
    "An empty cache sends everyone to the service",
    "Let a cache take nine tenths of the load, flush it, and see that the service does not come back by itself.",
    32,
    {
        "request-rate": 3,
        "widgets": 1,
        "widgets-from": "price",
        "cache-on": True,
        "products": 10,
        "cache-ttl": 60,
        "checkout-share": 0,
        "network-latency": 0.01,
        "service-time": 0.3,
        "workers": 1,
        "replicas": 1,
        "timeout": 0.8,
    },
    (
        Step(10, {"request-rate": 30}),
        Step(15, fault="flush-cache:cache"),
        Step(22, {"deadline-propagation": True, "circuit-breaker": True}),
    ),
    (
        Stop(14, "Most answers come from the cache. Price sees a small part of the load.", "cache"),
        Stop(16.5, "The cache is empty. All of the load reaches a service that can do a tenth of it.", "price"),
        Stop(
            21,
            "Price works for those who have gone; answers that come too late fill no cache. So it stays down.",
            "cache",
        ),
        Stop(
            31,
            "Deadlines clear the queue and a breaker lets it breathe: answers come in time, the cache fills.",
            "price",
        ),
    ),
)

SLOW_OR_DOWN = Scenario(
    "slow-is-worse-than-down",
    "Slow is worse than down",
    "First Reviews is down, then it is slow. Compare how long visitors wait, then add a circuit breaker.",
    24,
    {
        "request-rate": 5,
        "widgets": 2,
        "checkout-share": 0,
        "fallback": True,
        "network-latency": 0.02,
        "timeout": 2.5,
        "pool-size": 20,
    },
    (
        Step(3, fault="crash:reviews", lasts=6),
        Step(10, fault="slow:reviews", amount=5.0),
        Step(17, {"circuit-breaker": True}),
    ),
    (
        Stop(6, "Reviews is down: it refuses at once, and the page goes out at once without it.", "reviews"),
        Stop(14, "Reviews is slow: every page waits 2.5 s to learn the same thing, and holds threads.", "page"),
        Stop(21, "The breaker makes slow look like down: it answers no at once, and tries now and then.", "reviews"),
    ),
)

REPORT = Scenario(
    "report-times-out",
    "Work that outlives the timeout",
    "Ask for a report that takes 4 s on a path that waits 2 s; then take a receipt and ask again later.",
    24,
    {
        "request-rate": 0.8,
        "report-seconds": 4,
        "timeout": 2.0,
        "checkout-share": 0,
        "network-latency": 0.1,
        "workers": 16,
    },
    (Step(9, {"accept-202": True}),),
    (
        Stop(5, "The report takes 4 s, the page server waits 2 s. Every single one fails.", "page"),
        Stop(7, "Reviews goes on working for a caller that has gone.", "reviews"),
        Stop(11, "With 202 the browser gets a receipt at once, and holds no connection.", "browser"),
        Stop(18, "It asks now and then whether the report is ready. All of them succeed.", "browser"),
    ),
)

HEDGED_CALL = Scenario(
    "hedged-call",
    "Ask a second replica when the first is late",
    "One of two replicas of Price is hot. Send a second request when the first is late, and cancel the loser.",
    18,
    {
        "request-rate": 2,
        "widgets": 1,
        "widgets-from": "price",
        "checkout-share": 0,
        "network-latency": 0.05,
        "timeout": 5.0,
        "hedge-after": 0.25,
    },
    (
        Step(3, fault="hot-replica:price"),
        Step(9, {"hedging": True}),
    ),
    (
        Stop(7, "Every second visitor meets the hot replica and waits twenty times as long.", "price"),
        Stop(12, "After 0.25 s without an answer the other replica is asked too. The first answer counts.", "page"),
        Stop(16, "The loser is cancelled, so that the second request costs little work.", "price"),
    ),
)

SCENARIOS = (
    PRODUCT_PAGE,
    POOL_FILLS,
    RETRY_STORM,
    STORM_STAYS,
    LOST_RESPONSE,
    TAIL_OF_MANY,
    N_PLUS_ONE,
    CACHE_FLUSH,
    SLOW_OR_DOWN,
    REPORT,
    HEDGED_CALL,
)
