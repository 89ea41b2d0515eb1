"""The stock openstack client, which every user runs."""

import os
import resource
import statistics
import subprocess

from bench.machine import wait_until_quiet
from bench.measuring import Meter, now, rounded

COMMANDS = {
    "openstack --version": ["--version"],
    "openstack token issue": ["token", "issue"],
    "openstack server list": ["server", "list"],
    "openstack image list": ["image", "list"],
}
RUNS = 6  # the first of which is thrown away


async def run(meter: Meter) -> None:
    if not meter.plan.openstack:
        return
    cloud = meter.cloud
    environ = os.environ | {
        "OS_AUTH_URL": cloud.auth_url,
        "OS_USERNAME": cloud.username,
        "OS_PASSWORD": cloud.password,
        "OS_PROJECT_NAME": cloud.project,
        "OS_USER_DOMAIN_ID": cloud.domain,
        "OS_PROJECT_DOMAIN_ID": cloud.domain,
        "OS_IDENTITY_API_VERSION": "3",
    }
    for name, arguments in COMMANDS.items():
        walls, cpus = [], []
        for _ in range(RUNS):
            wait_until_quiet(meter.plan.quiet, meter.plan.quiet_wait)
            before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), now()
            done = subprocess.run([meter.plan.openstack, *arguments], env=environ, capture_output=True, text=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            walls.append(now() - begun)
            cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            if done.returncode:
                meter.note(f"{name}: {done.stderr[-250:]}")
        meter.put(
            f"cli {name}",
            wall_s=rounded(statistics.median(walls[1:])),
            wall_best_s=rounded(min(walls[1:])),
            client_cpu_s=rounded(statistics.median(cpus[1:])),
        )
