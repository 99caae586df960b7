"""Measure the verifier of the Python client: against a bare signature check, and with a million revocations."""

import asyncio
import multiprocessing
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from tests.clients import issuing
from tests.served import Served

from autional.core import ids
from autional_client.verifier import signatures
from autional_client.verifier.keys import decoded
from autional_client.verifier.verifier import Verifier
from benchmarks.report import write_section

TOKENS = 500
ROUNDS = 21
REVOKED = 1_000_000
MADE = """
insert into revocations (home, at, kind, subject_id, user_id, reason, position)
select $1, clock_timestamp(), 'session', gen_random_uuid(), 'usr_' || number, 'bench', number
from generate_series(1, $2) as number
"""


def main() -> None:
    """Measure, and write what came out."""
    speed, again = ratios(remembered=0), ratios(remembered=TOKENS)
    with tempfile.TemporaryDirectory() as folder:
        seconds, megabytes, known = filled(Path(folder) / "data")
    write_section(
        "verifier",
        [
            "| verifier of the Python client | measured | goal |",
            "| --- | --- | --- |",
            f"| speed against a bare ES256 check, {REVOKED:,} revocations known, each token new | {speed:.2f} | 0.9 |",
            f"| the same, each token seen before | {again:.1f} | |",
            f"| filled with {known:,} revocations over HTTP | {seconds:.1f} s | 5 s |",
            f"| memory for them, with what reading them took | {megabytes:.0f} MB | 64 MB |",
        ],
    )


def ratios(remembered: int) -> float:
    """The median of rounds in turn: time of a bare check by time of a verdict, with a million revocations known."""
    signatures.REMEMBERED = remembered
    key = issuing.key("k1")
    known = issuing.knowing(key)
    numbers = known._revoked._current  # type: ignore[union-attr]
    for _ in range(REVOKED):
        numbers.add(int.from_bytes(ids.stored(ids.new_id("sess"))[8:]))
    tokens = [issuing.signed(key, issuing.claims()) for _ in range(TOKENS)]
    verify, algorithm = key.public_key.verify, ec.ECDSA(hashes.SHA256())

    def bare(token: str) -> None:
        signed, _, signature = token.rpartition(".")
        raw = decoded(signature)
        numbers = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
        verify(encode_dss_signature(*numbers), signed.encode(), algorithm)

    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for token in tokens:
            bare(token)
        between = time.process_time()
        for token in tokens:
            assert known.judge(token).valid  # type: ignore[union-attr]
        found.append((between - began) / (time.process_time() - between))
    return median(found)


def filled(data_dir: Path) -> tuple[float, float, int]:
    """Seconds until a verifier knows a million revocations, megabytes that it took, and how many it knows."""
    served = Served(data_dir)
    served.autional("tenant", "create", "acme", "--name", "Acme")
    key = served.autional("apikey", "create", "--name", "bench", "--tenant", "acme")
    served.start()
    try:
        asyncio.run(revoke(served.database_url))
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            answer: tuple[float, float, int] = pool.apply(fill, (served.address, key))
        return answer
    finally:
        served.stop()


async def revoke(url: str) -> None:
    """Write a million revocations down."""
    connection: Any = await asyncpg.connect(url)
    home = ids.home("acme")
    await connection.execute(MADE, home, REVOKED, timeout=300)
    await connection.execute("insert into revocation_heads (home, position) values ($1, $2)", home, REVOKED)
    await connection.execute("analyze revocations")
    await connection.close()


def fill(address: str, key: str) -> tuple[float, float, int]:
    """In a process of its own: begin to listen until all is known."""
    told: dict[str, Any] = {"issuer": f"{address}/acme", "audience": "autional", "api_key": key}
    before, began = peak(), time.monotonic()
    with Verifier(**told, on_silence="refuse", silence=10) as verifier:
        while not verifier.knowledge.is_filled:
            time.sleep(0.01)
        return time.monotonic() - began, peak() - before, verifier.knowledge.remembered


def peak() -> float:
    """The most memory that this process ever had, in megabytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
