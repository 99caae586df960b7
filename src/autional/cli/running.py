"""How commands open the service, print results, and report errors in one line with an exit code."""

import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any, TypeVar

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from autional.core import configuration, i18n
from autional.core.errors import DatabaseUnavailableError, NotOnCitusError, PortTakenError, SchemaError
from autional.core.master_key import MasterKeyError
from autional.core.problems import Problem
from autional.core.settings import Settings, SettingsError
from autional.postgres.embedded import server as embedded
from autional.postgres.embedded.backup import BackupError
from autional.postgres.embedded.server import EmbeddedPostgresError
from autional.postgres.roles import RoleError
from autional.runtime import service
from autional.runtime.service import Service

Result = TypeVar("Result")

DataDir = Annotated[
    str | None,
    typer.Option(
        "--data-dir",
        metavar="FOLDER",
        help="Folder of the embedded PostgreSQL and the master key. (AUTIONAL_DATA_DIR, else .autional)",
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="URL of a PostgreSQL 16 or newer, instead of the embedded one (AUTIONAL_DATABASE_URL).",
    ),
]


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class ExitCode(IntEnum):
    """Exit codes."""

    REFUSED = 1
    MISUSED = 2
    UNAVAILABLE = 3


def say(line: str) -> None:
    """Print progress on stderr, apart from results."""
    typer.echo(line, err=True)


def show(rows: Sequence[tuple[Any, ...]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print rows as a table or as JSON."""
    if as_json:
        typer.echo(msgspec.json.encode([dict(zip(columns, row, strict=True)) for row in rows]))
        return
    table = Table(box=None)
    for column in columns:
        table.add_column(column.replace("_", " "), no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell(value)) for value in row))  # not as markup: it may be what a user chose
    console = Console()
    console.width = max(
        console.width, Measurement.get(console, console.options.update(max_width=10_000), table).maximum
    )
    console.print(table, soft_wrap=True)


def show_one(value: str, name: str, *, as_json: bool) -> None:
    """Print one value, as it is or as JSON."""
    typer.echo(msgspec.json.encode({name: value}) if as_json else value)


def cell(value: object) -> str:
    """A value as text."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:,}" for name, number in value.items()) or "-"
    return "-" if value is None else str(value)


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def run(
    work: Callable[[Service], Awaitable[Result]],
    data_dir: str | None,
    database_url: str | None,
    progress: Callable[[str], None] = lambda _: None,
    *,
    address: str | None = None,
    makes_database: bool = False,
    closes_restored: bool = False,
) -> Result:
    """Run a command with the service and return its result.

    `address` is where it will listen. Only a command that may be the first one creates a database.
    """

    async def opened(chosen: Settings) -> Result:
        if not makes_database:
            require_database(chosen)
        async with service.open_service(chosen, progress, address, closes_restored=closes_restored) as running:
            return await work(running)

    with errors_reported():
        return uvloop.run(opened(configuration.load_settings(data_dir=data_dir, database_url=database_url)))


def require_database(chosen: Settings) -> None:
    """Raise SettingsError if the data folder has no database: it may be mistyped."""
    if chosen.database_url is None and not embedded.is_there(chosen.data_path):
        raise SettingsError(
            f"there is no database in {chosen.data_path.absolute()}: name another folder with --data-dir, or make one"
            " with `autional serve`, `autional migrate` or `autional tenant create`"
        )


@contextmanager
def errors_reported() -> Iterator[None]:
    """Report expected errors in one line, with an exit code."""
    try:
        yield
    except Problem as problem:
        _fail(_line(problem), ExitCode.REFUSED)
    except SettingsError as error:
        _fail(str(error), ExitCode.MISUSED)
    except BrokenPipeError:  # whoever reads the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.REFUSED)
    except OSError as error:
        _fail(f"{error.filename or 'a file'}: {error.strerror or error}", ExitCode.MISUSED)
    except (
        BackupError,
        DatabaseUnavailableError,
        EmbeddedPostgresError,
        MasterKeyError,
        NotOnCitusError,
        PortTakenError,
        RoleError,
        SchemaError,
    ) as error:
        _fail(str(error), ExitCode.UNAVAILABLE)


def _line(problem: Problem) -> str:
    wrong = [
        f"{found.field}: {i18n.violation(found.code, found.reason, found.arguments)}" for found in problem.violations
    ]
    if wrong:
        return "; ".join(wrong)
    detail, remedy = (i18n.text(problem.kind.slug, part, problem.arguments) for part in ("detail", "remedy"))
    return f"{detail}. {remedy.rstrip('.')}"


def _fail(line: str, code: ExitCode) -> None:
    say(f"autional: {line}")
    sys.exit(code)
