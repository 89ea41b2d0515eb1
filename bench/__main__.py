"""Black-box benchmark of an OpenStack-compatible cloud, through its public APIs only.

    bench/run                                     a fake cloud of its own, everything
    bench/run --only identity,placement --quick   part of it, with short runs
    bench/run --auth-url URL --password PASSWORD  a cloud that is there
    bench/run --report results.json               only the table of an earlier run

--proc-dir (of a cloud on this machine: its directory of *.pid files) adds the CPU time that the cloud spends on each
request, and its memory. wrk, where it is installed, gives a second figure for plain GETs.
"""

import argparse
import asyncio
import dataclasses
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bench.client import Cloud, Failed
from bench.machine import Processes
from bench.measuring import Meter, Plan
from bench.report import table
from bench.scenarios import SCENARIOS

HERE = Path(__file__).parent
ROOT = HERE.parent
QUICK = {"repetitions": 1, "seconds": 1.0, "image_mib": 64, "waves": 1, "quiet_wait": 0.0}


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cloud is taken down
    upstream = json.loads((HERE / "upstream.json").read_text())
    if arguments.report:
        print(table(json.loads(Path(arguments.report).read_text()), upstream))
        return 0
    output = Path(arguments.out).resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    with _cloud(arguments) as (cloud, processes):
        meter = Meter(cloud, processes, _plan(arguments), output, arguments.label)
        asyncio.run(_measure(meter, arguments.only, arguments.skip))
    print("\n" + table(meter.found, upstream))
    print(f"results in {output}")
    return 1 if meter.found["errors"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ", ".join(SCENARIOS)
    add = parser.add_argument
    add("--only", type=_names, default=[], help=f"of: {names}")
    add("--skip", type=_names, default=[], help="what to leave out")
    add("--quick", action="store_true", help="one short run of each, however busy the machine is")
    add("--out", default=str(ROOT / ".state" / "bench" / "results.json"))
    add("--label", default="pileus")
    add("--report", metavar="FILE", help="print the table of an earlier run")
    add("--auth-url", default=os.environ.get("OS_AUTH_URL"), help="a cloud that is there (or OS_AUTH_URL)")
    add("--username", default=os.environ.get("OS_USERNAME", "admin"))
    add("--password", default=os.environ.get("OS_PASSWORD", ""))
    add("--project", default=os.environ.get("OS_PROJECT_NAME", "admin"))
    add("--domain", default="default", help="id of the user's and the project's domain")
    add("--region", default=os.environ.get("OS_REGION_NAME", ""))
    add("--proc-dir", type=Path)
    for field in dataclasses.fields(Plan):
        if field.type in ("int", "float", int, float):
            add(f"--{field.name.replace('_', '-')}", type=type(field.default), help=f"default: {field.default}")
    add("--no-wrk", dest="wrk", action="store_false")
    add("--openstack", default=shutil.which("openstack") or "", help="path of the openstack client")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in SCENARIOS:
            raise argparse.ArgumentTypeError(f"there is no {name}; there are: {', '.join(SCENARIOS)}")
    return names


def _plan(arguments: argparse.Namespace) -> Plan:
    names = [field.name for field in dataclasses.fields(Plan)]
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name, None) is not None}
    return Plan(**((QUICK if arguments.quick else {}) | given))


@contextmanager
def _cloud(arguments: argparse.Namespace) -> Iterator[tuple[Cloud, Processes]]:
    """The cloud named, or else a fake one for as long as the block runs."""
    if arguments.auth_url:
        login = (arguments.auth_url, arguments.username, arguments.password, arguments.project)
        yield Cloud(*login, arguments.domain, arguments.region), Processes(arguments.proc_dir)
        return
    sys.path.insert(0, str(ROOT))
    from tests.running import RunningCloud

    with tempfile.TemporaryDirectory(prefix="pileus-bench-") as folder:
        state = Path(folder) / "cloud"
        running = RunningCloud(state, fake=True)
        try:
            running.up()
            yield _admin(state), Processes(state / "run")
        finally:
            running.down()


def _admin(state: Path) -> Cloud:
    import yaml

    entry: dict[str, Any] = yaml.safe_load((state / "clouds.yaml").read_text())["clouds"]["pileus-admin"]
    auth = entry["auth"]
    url = auth["auth_url"].rstrip("/")
    url = url if url.endswith("/v3") else url + "/v3"
    login = (url, auth["username"], auth["password"], auth["project_name"])
    return Cloud(*login, auth["project_domain_id"], entry["region_name"])


async def _measure(meter: Meter, only: list[str], skip: list[str]) -> None:
    if meter.processes:
        meter.found["memory_before"] = meter.processes.memory()
    for name in only or SCENARIOS:
        service, scenario = SCENARIOS[name]
        if name in skip:
            continue
        try:
            await meter.cloud.log_in()
            await meter.cloud.lift_quotas()
            if service and not meter.cloud.has(service):
                print(f"# {name}: not in the catalogue, left out")
                continue
            print(f"## {name}", flush=True)
            await scenario(meter)
        except (Failed, aiohttp.ClientError, TimeoutError) as error:
            meter.note(f"{name}: {error!r}")
            print(f"# {name} failed: {error!r}", flush=True)
    if meter.processes:
        meter.found["memory_after"] = meter.processes.memory()
    meter.save()
    await meter.cloud.close()


if __name__ == "__main__":
    sys.exit(main())
