"""A project of somebody else with mypy --strict: it finds what is wrong, and nothing in what is right."""

import subprocess
import sys
import zipfile
from pathlib import Path

RIGHT = """
from typing import Annotated

from autional_client import Actor, AsyncClient, AsyncVerifier, Claims, Client, NotFoundError, Options, Page, Verdict
from autional_client.middleware.fastapi import Protect, requires
from autional_client.receiver import Receiver
from autional_client.schemas import SessionListResponse, SessionResponse
from autional_client.security_events import SecurityEvent
from fastapi import Depends, FastAPI


def names(client: Client) -> list[str]:
    page: Page[SessionListResponse, SessionResponse] = client.list_sessions(status="active", actor="assistant")
    total: int = page.answer.total
    return [f"{one.user_id} of {total}" for one in page.auto_paging_iter()]


async def begin(client: AsyncClient) -> str:
    made = await client.internal_create_session(
        auth_user_id="usr_1", amr=["pwd"], act=Actor(sub="agent"), options=Options(idempotency_key="k")
    )
    when: float = made.data.session.created_at.timestamp()
    async for one in (await client.list_sessions()).auto_paging_iter():
        print(one.id, when)
    return made.data.tokens.access_token


def handle(event: SecurityEvent) -> None:
    print(event.session_id)


def poll(receiver: Receiver) -> int:
    return receiver.poll("https://x.example", "Bearer k", handle)


app = FastAPI()
verifier = AsyncVerifier(issuer="https://x.example/t", audience="a", api_key="k", on_silence="ask", silence=30)
app.add_middleware(Protect, verifier=verifier)


@app.get("/")
async def index(claims: Annotated[Claims, Depends(requires(level=2))]) -> str:
    verdict: Verdict = await verifier.verify("x")
    return claims.sub if verdict.valid else verdict.reason


try:
    print(names(Client("https://x.example", api_key="k")))
except NotFoundError as error:
    print(error.slug, error.request_id)
"""
WRONG = {
    'client.list_sessions(status="gone")': "arg-type",
    "client.list_sessions(statuss='active')": "call-arg",
    "client.internal_create_session(amr=['pwd'])": "call-arg",
    "client.get_session(1)": "arg-type",
    "client.get_session_stats().active": "attr-defined",
    "client.list_sessions().items[0].nothing": "attr-defined",
    'Verifier(issuer="i", audience="a", silence=30)': "call-arg",
    'Verifier(issuer="i", audience="a", on_silence="hope", silence=30)': "arg-type",
}


def checked(folder: Path, text: str) -> str:
    (folder / "project.py").write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "project.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout


def test_what_is_right_passes_and_each_mistake_is_found(tmp_path: Path) -> None:
    assert "Success" in checked(tmp_path, RIGHT)
    lines = ["from autional_client import Client, Verifier", 'client = Client("https://x.example")', *WRONG]
    found = checked(tmp_path, "\n".join(lines))
    for number, (line, kind) in enumerate(WRONG.items(), 3):
        assert any(f"project.py:{number}:" in said and f"[{kind}]" in said for said in found.split("\n")), (line, found)
    assert f"Found {len(WRONG)} errors" in found


def test_it_is_installed_and_imported_without_the_service(tmp_path: Path) -> None:
    """A new environment with nothing but the client's own dependencies."""
    source = Path(__file__).parents[2] / "clients/python"
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "class No:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in {'autional', 'fastapi', 'django', 'flask', 'litestar', 'starlette'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, No())\n"
        "import autional_client, autional_client.receiver, autional_client.status_lists\n"
        "import autional_client.middleware.asgi\n"
        "print(len([name for name in dir(autional_client.Client) if name.startswith('list_')]))\n"
    )
    command = [sys.executable, "-c", script, str(source / "src")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10
    wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path)]
    subprocess.run([*wheel, str(source)], check=True, timeout=120, capture_output=True)
    [made] = tmp_path.glob("autional_client-*.whl")
    with zipfile.ZipFile(made) as wheel_file:
        assert "autional_client/py.typed" in wheel_file.namelist()
