"""What a cloud costs: a load generator that knows nothing of it but its public API. ``bench/run --help``."""
