"""A PostgreSQL server of our own: a temporary folder, a free loopback port, gone at the end.

``initdb`` refuses to run as root, so where we are root the server runs as ``postgres`` or ``nobody``.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# a trusting server, except for one user whose password is asked for
_HBA = """\
host all guarded 127.0.0.1/32 scram-sha-256
local all all trust
host all all 127.0.0.1/32 trust
"""
_OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=127.0.0.1")


class PostgresNotFoundError(RuntimeError):
    """No PostgreSQL server is installed here, or it cannot be run."""


def find_binaries() -> Path:
    """Folder with ``initdb`` and ``postgres``."""
    folders: list[Path] = []
    config = shutil.which("pg_config")
    if config:
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(told.stdout.strip()))
    folders += [Path(found).parent for found in [shutil.which("initdb")] if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise PostgresNotFoundError(
        "PostgreSQL is not installed: no initdb beside pg_config, on PATH or under /usr/lib/postgresql. "
        "On Debian: apt-get install postgresql"
    )


def _identity() -> dict[str, object]:
    """User that the server runs as: ourselves, or a common user where we are root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise PostgresNotFoundError("We are root, PostgreSQL refuses root, and there is no user postgres or nobody.")


@contextmanager
def postgres_server() -> Iterator[str]:
    """URL ``postgresql://...`` of a running server, its database ``postgres`` empty."""
    binaries, identity = find_binaries(), _identity()
    folder = Path(tempfile.mkdtemp(prefix="contrapeso-pg-"))
    try:
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        data = folder / "data"
        _run([binaries / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
             folder, identity)  # fmt: skip
        (data / "pg_hba.conf").write_text(_HBA, encoding="utf-8")
        port = _free_port()
        with (folder / "log").open("w", encoding="utf-8") as log:
            settings = [word for option in _OPTIONS for word in ("-c", option)]
            process = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", folder, "-p", str(port), *settings],
                cwd=folder, stdout=log, stderr=log, **identity,
            )  # fmt: skip
        try:
            url = f"postgresql://tester@127.0.0.1:{port}/postgres"
            _wait(binaries, port, process, folder / "log")
            yield url
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: what it holds is thrown away, a last checkpoint takes long
            process.wait(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[object], folder: Path, identity: dict[str, object]) -> None:
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False, **identity)
    if done.returncode:
        raise PostgresNotFoundError(f"{Path(str(command[0])).name} failed: {done.stderr.strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(binaries: Path, port: int, process: subprocess.Popen, log: Path) -> None:
    ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "tester"]
    end = time.monotonic() + 60
    while subprocess.run(ready, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > end:
            raise PostgresNotFoundError(f"PostgreSQL did not start: {log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.05)  # the server offers nothing to wait on
