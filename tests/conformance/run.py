"""Runs Tempest, unmodified, against a cloud, and says what passed, failed and was skipped, and why.

    bin/conformance identity image          the tests of these services, against a fake cloud made for them
    bin/conformance platform                a list of tests/conformance/lists/
    bin/conformance my-tests.txt REGEX      a file of test ids, or a regular expression
    bin/conformance --cloud mine identity   against the cloud of an entry of clouds.yaml (or of OS_* variables)
    bin/conformance --rerun-failed          what failed the last time

Results stay in --results (default: .state/conformance): tempest.conf, the raw subunit stream, results.json.
"""

import argparse
import collections
import http.server
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LISTS = HERE / "lists"
SERVICES = {
    "identity": ["tempest.api.identity"],
    "image": ["tempest.api.image"],
    "network": ["tempest.api.network"],
    "compute": ["tempest.api.compute"],
    "volume": ["tempest.api.volume"],
    "object-store": ["tempest.api.object_storage"],
    "scenario": ["tempest.scenario"],
    "placement": ["tempest.api.compute.admin.test_.*placement", "placement"],
    "keystone-plugin": ["keystone_tempest_plugin"],
    "glance-plugin": ["glance_tempest_plugin"],
    "neutron-plugin": ["neutron_tempest_plugin.api"],
}
Results = dict[str, dict[str, Any]]


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cloud is taken down
    results = Path(arguments.results).resolve()
    results.mkdir(parents=True, exist_ok=True)
    tempest = Path(sys.executable).with_name("tempest")
    if arguments.list:
        print("\n".join([*SERVICES, *sorted(path.stem for path in LISTS.glob("*.txt"))]))
        return 0
    with _cloud(arguments, results) as (environ, fake), _image_server(results) as image_url:
        _workspace(tempest, results, environ)
        _write_conf(arguments, results, environ, image_url, fake=fake)
        tests = _choose(arguments, tempest, results, environ)
        if not tests:
            print("no test matches", file=sys.stderr)
            return 2
        (results / "tests.txt").write_text("\n".join(tests) + "\n")
        started = time.monotonic()
        _run(tempest, arguments, results, environ, len(tests))
    found = _read(results)
    (results / "results.json").write_text(json.dumps(found, indent=1))
    lost = _never_run(tests, found)
    unknown = _unknown(arguments.what, tests) if not (arguments.smoke or arguments.exclude) else []
    return _report(found, results, time.monotonic() - started, lost=lost, unknown=unknown)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bin/conformance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", help="services, lists, files of test ids, or regular expressions")
    parser.add_argument("--cloud", help="entry of clouds.yaml to test, instead of a fake cloud of its own")
    parser.add_argument("--results", default=str(ROOT / ".state" / "conformance"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rerun-failed", action="store_true")
    parser.add_argument("--list", action="store_true", help="print the names of services and lists")
    parser.add_argument("--smoke", action="store_true", help="only the tests marked smoke")
    parser.add_argument("--exclude", action="append", default=[], help="leave out tests that match this expression")
    parser.add_argument("--set", action="append", default=[], metavar="GROUP.KEY=VALUE", help="deviate in tempest.conf")
    arguments = parser.parse_args()
    if not (arguments.what or arguments.rerun_failed or arguments.list):
        parser.error("say what to test (--list shows the names)")
    return arguments


@contextmanager
def _cloud(arguments: argparse.Namespace, results: Path) -> Iterator[tuple[dict[str, str], bool]]:
    """The environment in which OS_CLOUD names the cloud to test, and whether its guests are fake."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    if not arguments.cloud and "OS_AUTH_URL" in os.environ:
        print(f"testing the cloud of the OS_* variables: {os.environ['OS_AUTH_URL']}", file=sys.stderr)
        yield dict(os.environ), False
        return
    if arguments.cloud:
        kept = {name: value for name, value in os.environ.items() if name == "OS_CLIENT_CONFIG_FILE"}
        yield environ | kept | {"OS_CLOUD": arguments.cloud}, False
        return
    sys.path.insert(0, str(ROOT))
    from tests.running import RunningCloud

    state = results / "cloud"
    cloud = RunningCloud(state, fake=True)
    cloud.command = [str(ROOT / "bin" / "pileus")]
    # What Tempest's ordinary configuration expects of the cloud (DevStack sets the same).
    cloud.environ |= CLOUD_SETTINGS
    kept = ("PILEUS_VENV", NOVNC_FOLDER)
    cloud.environ |= {name: os.environ[name] for name in kept if name in os.environ}
    shutil.rmtree(state, ignore_errors=True)
    cloud.up()
    try:
        yield environ | {"OS_CLOUD": "pileus-admin", "OS_CLIENT_CONFIG_FILE": str(state / "clouds.yaml")}, True
    finally:
        cloud.down()


NOVNC_FOLDER = "PILEUS_COMPUTE__NOVNC_FOLDER"
CLOUD_SETTINGS = {
    # Two hosts, for the tests of migrations.
    "PILEUS_COMPUTE__FAKE_HOSTS": "host2",
    "PILEUS_IDENTITY__LOCKOUT_FAILURE_ATTEMPTS": "2",
    "PILEUS_IDENTITY__LOCKOUT_DURATION": "10",
    "PILEUS_IDENTITY__UNIQUE_LAST_PASSWORD_COUNT": "2",
    # Tests import an image from this machine, and look for what a cloud must refuse at other addresses of it.
    "PILEUS_IMAGE__DOWNLOAD_PRIVATE": "true",
    "PILEUS_IMAGE__DOWNLOAD_PORTS": "",
    # Two stores to import into and copy between, and one of images that stay on the web.
    "PILEUS_IMAGE__STORES": "local=file:,second=file:,web=http:",
    "PILEUS_IMAGE__SHOW_LOCATIONS": "true",
}
# What a plugin's tests need of tempest.conf beyond what a cloud tells.
PLUGIN_SETTINGS = {
    # Its users have no other roles than those that each test is about.
    "glance-plugin": ["auth.tempest_roles=", "enforce_scope.glance=true"],
}


@contextmanager
def _image_server(results: Path) -> Iterator[str]:
    """A URL of an image for web-download imports, on this machine: there is no Internet in a test."""
    folder = results / "served"
    folder.mkdir(exist_ok=True)
    (folder / "image.qcow2").write_bytes(_qcow2())

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, *args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/image.qcow2"
    finally:
        server.shutdown()
        server.server_close()


def _qcow2() -> bytes:
    sys.path.insert(0, str(ROOT / "src"))
    from pileus.host.empty_image import empty_qcow2

    return empty_qcow2(1 << 20)


def _workspace(tempest: Path, results: Path, environ: dict[str, str]) -> None:
    if not (results / "workspace" / ".stestr.conf").exists():
        subprocess.run(
            [tempest, "init", "--workspace-path", results / "workspaces.yaml", results / "workspace"],
            env=environ,
            check=True,
            capture_output=True,
        )


def _write_conf(
    arguments: argparse.Namespace, results: Path, environ: dict[str, str], image_url: str, *, fake: bool
) -> None:
    workspace = results / "workspace"
    command = [
        sys.executable, HERE / "tempest_conf.py",
        *(["--os-cloud", environ["OS_CLOUD"]] if "OS_CLOUD" in environ else []),
        "-o", workspace / "etc" / "tempest.conf", "--state-dir", workspace, "--http-image", image_url,
        "--image-file", results / "served" / "image.qcow2", "--network-extensions", "discovered",
        *(["--no-ssh"] if fake else []),
        *[part for setting in _settings(arguments) for part in ("--set", setting)],
    ]  # fmt: skip
    subprocess.run(command, env=environ, check=True)


def _settings(arguments: argparse.Namespace) -> list[str]:
    """Deviations in tempest.conf: those of the chosen plugins, then those that were asked for."""
    return [setting for what in arguments.what for setting in PLUGIN_SETTINGS.get(what, [])] + arguments.set


def _choose(arguments: argparse.Namespace, tempest: Path, results: Path, environ: dict[str, str]) -> list[str]:
    listed = subprocess.run(
        [str(tempest), "run", "--list-tests"],
        cwd=results / "workspace",
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    known = [line.strip() for line in listed.stdout.splitlines() if "." in line and " " not in line.strip()]
    if arguments.rerun_failed:
        last = json.loads((results / "results.json").read_text())
        wanted = {name for name, result in last.items() if result["status"] == "fail"}
        return [test for test in known if _bare(test) in wanted]
    chosen = [test for test in known if any(_matches(test, what) for what in arguments.what)]
    if arguments.smoke:
        chosen = [test for test in chosen if "smoke" in test.partition("[")[2]]
    excluded = [*arguments.exclude, *_without_novnc(arguments)]
    return [test for test in chosen if not any(_search(pattern, test) for pattern in excluded)]


def _without_novnc(arguments: argparse.Namespace) -> list[str]:
    """The test that looks at noVNC's page, where a cloud of this machine has no such page."""
    page = Path(os.environ.get(NOVNC_FOLDER, "/usr/share/novnc")) / "vnc_lite.html"
    if arguments.cloud or "OS_AUTH_URL" in os.environ or page.exists():
        return []
    print(f"NOTE: test_novnc is left out, since there is no {page} (Debian's package novnc)", file=sys.stderr)
    return [r"\.NoVNCConsoleTestJSON\.test_novnc\["]


def _bare(test: str) -> str:
    return test.partition("[")[0]


def _search(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


def _matches(test: str, what: str) -> bool:
    if what in SERVICES:
        return any(_search("^" + pattern, test) for pattern in SERVICES[what])
    path = _list(what)
    return _bare(test) in _ids(path) if path is not None else _search(what, test)


def _list(what: str) -> Path | None:
    """The file of a list, one of ours or one named by its path."""
    if what in SERVICES:
        return None
    return next((path for path in (LISTS / f"{what}.txt", Path(what)) if path.is_file()), None)


_known_ids: dict[Path, set[str]] = {}


def _ids(path: Path) -> set[str]:
    if path not in _known_ids:
        _known_ids[path] = {_bare(line.strip()) for line in path.read_text().splitlines() if line.strip()}
    return _known_ids[path]


def _unknown(what: Sequence[str], tests: Sequence[str]) -> list[str]:
    """What the lists name and this Tempest does not have: such a test cannot have passed."""
    there = {_bare(test) for test in tests}
    return sorted({name for part in what for name in _ids(_list(part) or Path(os.devnull)) if name not in there})


def _never_run(tests: Sequence[str], found: Results) -> list[str]:
    """Tests without a result of their own or of their class: a worker died, or Tempest stopped."""
    classes = {name.partition("(")[2].rstrip(")") for name in found if name.startswith(("setUpClass", "tearDownClass"))}
    names = (_bare(test) for test in tests)
    return [name for name in names if name not in found and name.rpartition(".")[0] not in classes]


def _run(tempest: Path, arguments: argparse.Namespace, results: Path, environ: dict[str, str], total: int) -> None:
    """Tempest with a line of progress; its own output goes to a file."""
    command = [str(tempest), "run", "--load-list", str(results / "tests.txt"), "--concurrency", str(arguments.workers)]
    counts: collections.Counter[str] = collections.Counter()
    with (results / "output.txt").open("w") as output:
        process = subprocess.Popen(
            command, cwd=results / "workspace", env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in process.stdout or ():
            output.write(line)
            word = line.rstrip().rpartition("... ")[2].split(" ")[0]
            if line.startswith("{") and word in ("ok", "FAILED", "SKIPPED:"):
                counts[word] += 1
                _progress(counts, total)
        process.wait()
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _progress(counts: collections.Counter[str], total: int) -> None:
    if sys.stderr.isatty():
        text = f"\r{counts['ok']} passed, {counts['FAILED']} failed, {counts['SKIPPED:']} skipped, of about {total}"
        print(text, end="", file=sys.stderr, flush=True)


def _read(results: Path) -> Results:
    """The last run's results by test id, from Tempest's own record of it."""
    workspace = results / "workspace"
    stream = subprocess.run(
        [Path(sys.executable).with_name("stestr"), "last", "--subunit"], cwd=workspace, capture_output=True
    ).stdout
    (results / "results.subunit").write_bytes(stream)
    import subunit
    import testtools

    found: Results = {}

    def keep(test: dict[str, Any]) -> None:
        status = test["status"]
        reason = test["details"]["reason"].as_text() if "reason" in test["details"] else ""
        trace = "\n".join(detail.as_text() for name, detail in test["details"].items() if name.startswith("traceback"))
        if status == "exists":
            return
        known = "fail" if status in ("fail", "uxsuccess", "inprogress") else status
        seconds = (test["timestamps"][1] - test["timestamps"][0]).total_seconds() if all(test["timestamps"]) else 0
        found[_bare(test["id"])] = {"status": known, "reason": reason, "traceback": trace, "seconds": seconds}

    summary = testtools.StreamToDict(keep)
    summary.startTestRun()
    subunit.ByteStreamToStreamResult(io.BytesIO(stream), non_subunit_name="output").run(summary)
    summary.stopTestRun()
    found.pop("output", None)
    return found


def _report(found: Results, results: Path, seconds: float, *, lost: Sequence[str], unknown: Sequence[str]) -> int:
    by_status: dict[str, list[str]] = {"success": [], "fail": [], "skip": []}
    for name, result in sorted(found.items()):
        by_status.setdefault(result["status"], []).append(name)
    for name in by_status["fail"]:
        print(f"FAILED {name}\n       {_last_line(found[name]['traceback'])}")
    for name in lost:
        print(f"NOT RUN {name}")
    for name in unknown:
        print(f"UNKNOWN {name}")
    reasons: dict[str, int] = collections.Counter(found[name]["reason"].strip() for name in by_status["skip"])
    for reason, count in sorted(reasons.items(), key=lambda pair: -pair[1]):
        print(f"skipped {count:4}: {reason[:150]}")
    print(f"results in {results}; {seconds:.0f} s")
    passed, failed, skipped = (len(by_status[status]) for status in ("success", "fail", "skip"))
    more = f", {len(lost)} not run" * bool(lost) + f", {len(unknown)} of the list unknown to this Tempest" * bool(
        unknown
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped{more}")
    return 1 if failed or lost or unknown or not passed else 0


def _last_line(trace: str) -> str:
    lines: Sequence[str] = [line for line in trace.strip().splitlines() if line.strip()]
    details = [line for line in lines if line.startswith(("Details:", "    Details:"))]
    return (lines[-1].strip() if lines else "no traceback")[:300] + (
        f" | {details[-1].strip()[:200]}" if details else ""
    )


if __name__ == "__main__":
    sys.exit(main())
