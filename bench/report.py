"""Two sets of figures side by side, with what the one costs of the other."""

from collections.abc import Iterator, Mapping
from typing import Any

Figures = Mapping[str, Mapping[str, Any]]
# The first of these that both have is compared; for some, more is better.
COMPARED = (
    ("cloud_cpu_ms", "CPU ms", False),
    ("p50_ms", "p50 ms", False),
    ("mib_s", "MiB/s", True),
    ("servers_s", "servers/s", True),
    ("per_s", "/s", True),
    ("seconds", "s", False),
    ("wall_s", "s", False),
)


def table(found: Mapping[str, Any], upstream: Mapping[str, Any]) -> str:
    """Markdown: a line a measurement; ``times`` is how many times better the cloud measured is."""
    lines = ["| measurement | this cloud | upstream | unit | times better |", "|---|---:|---:|---|---:|"]
    lines += [
        f"| {name} | {mine:g} | {theirs:g} | {unit} | {ratio:.1f} |"
        for name, mine, theirs, unit, ratio in _rows(found["figures"], upstream["figures"])
    ]
    lines += [f"| {name} | failed | | | |" for name, row in found["figures"].items() if "error" in row]
    return "\n".join([*lines, "", *_memory(found, upstream)])


def _rows(mine: Figures, theirs: Figures) -> Iterator[tuple[str, float, float, str, float]]:
    for name, row in mine.items():
        other = theirs.get(name, {})
        for key, unit, more_is_better in COMPARED:
            one, two = row.get(key), other.get(key)
            if one is not None and two:
                ratio = one / two if more_is_better else two / one if one else float("inf")
                yield name, one, two, unit, ratio
                break


def _memory(found: Mapping[str, Any], upstream: Mapping[str, Any]) -> Iterator[str]:
    for when in ("memory_before", "memory_after", "memory_with_servers"):
        if when in found:
            total, idle = found[when]["total"], upstream["idle"]
            yield (
                f"{when.replace('_', ' ')}: {total['processes']:.0f} processes, {total['pss_mib']:.0f} MiB PSS "
                f"(upstream, idle: {idle['processes']} processes, {idle['pss_gib'] * 1024:.0f} MiB)"
            )
    if found["errors"]:
        yield f"{len(found['errors'])} errors, the first: {found['errors'][0]}"
