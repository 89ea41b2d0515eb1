"""What this process counts, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "pileus_http_request_seconds",
    "Time to answer an API request, by service, route and status.",
    ("service", "method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
)
OPERATIONS = Counter("pileus_operations_total", "Operations that ended, by kind and how.", ("kind", "state"))
STEPS = Histogram(
    "pileus_operation_step_seconds",
    "Time of one run of an operation's step.",
    ("kind", "step"),
    buckets=(0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120),
)
RUNNING = Gauge("pileus_operations_running", "Operations that this engine is running now.")
CALLS = Histogram(
    "pileus_rpc_seconds",
    "Time of a call to an agent, by method and outcome.",
    ("method", "outcome"),
    buckets=(0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120),
)
