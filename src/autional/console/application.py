"""The console: from a request to the page of its path, for who is signed in."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote

from falcon.routing import CompiledRouter

from autional.access.caller import Caller
from autional.api.application import Respond, segmented
from autional.api.dispatch import Invoke, invoker_of
from autional.api.model import Operation
from autional.api.problem_response import log_security_event, problem_of
from autional.api.request import ClientGoneError, Request
from autional.api.response import Response
from autional.console import entrance, rendering
from autional.console.entrance import browser_of, read_form, signed_in
from autional.console.model import Page, Redirected
from autional.console.pages import PAGES
from autional.console.rendering import redirect
from autional.console.view import Form, Query, View, shown_problem
from autional.core import problems
from autional.core.authority import whole_tenant
from autional.core.errors import DatabaseUnavailableError
from autional.core.problems import Problem
from autional.runtime.service import Service
from autional.sessions.lifecycle import touch_session

_FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")
_LOGGED = {401, 403, 429}
_ENTRANCE: Mapping[str, Mapping[str, Callable[[Service, Request], Awaitable[Response]]]] = {
    "/console": {"GET": entrance.home},
    entrance.SIGN_IN: {"GET": entrance.sign_in_page, "POST": entrance.submit_sign_in},
    "/console/openid": {"GET": entrance.begin_openid},
    "/console/openid/callback": {"GET": entrance.finish_openid},
    "/console/sign-out": {"POST": entrance.submit_sign_out},
    "/console/language": {"POST": entrance.choose_language},
}
Found = TypeVar("Found")


class _Console(NamedTuple):
    running: Service
    operations: Mapping[str, Invoke]
    find: Callable[[str], Any]


def console(running: Service, operations: Sequence[Operation]) -> Respond:
    """The function that answers requests for the console."""
    router = CompiledRouter()
    for page in PAGES:
        router.add_route(f"/console/t/{{tenant_id}}{page.path}", page)
    invokers = {operation.id: invoker_of(running, operation) for operation in operations}
    whole = _Console(running, invokers, router.find)

    async def respond(request: Request) -> Response:
        try:
            return await _found(whole, request)
        except ClientGoneError:
            raise
        except Exception as error:
            return _failed(running, request, problem_of(error, request))

    return respond


async def _found(whole: _Console, request: Request) -> Response:
    path = segmented(request.scope["raw_path"])
    if path.startswith("/console/static/"):
        return _asset(path)
    if path in _ENTRANCE:
        return await _by_method(request, _ENTRANCE[path])(whole.running, request)
    match = whole.find(path)
    if match is None:
        raise Problem(problems.ROUTE_NOT_FOUND)
    page: Page = match[0]
    request.route = f"/console{page.path}"
    show = _by_method(request, {"GET": _shown, "POST": _submitted})
    return await show(whole, request, page, {name: unquote(text) for name, text in match[2].items()})


def _by_method(request: Request, choices: Mapping[str, Found]) -> Found:
    found = choices.get("GET" if request.method == "HEAD" else request.method)
    if found is None:
        raise Problem(problems.METHOD_NOT_ALLOWED)
    return found


async def _shown(whole: _Console, request: Request, page: Page, path: dict[str, str]) -> Response:
    return await page.show(await _view(whole, request, page, path, {}))


async def _submitted(whole: _Console, request: Request, page: Page, path: dict[str, str]) -> Response:
    """What a form leads to; with a Problem to its page again, which shows it with what was typed."""
    form = await read_form(whole.running, request)
    view = await _view(whole, request, page, path, form)
    act = page.forms.get(view.field("form"))
    if act is None:
        raise Problem(problems.ROUTE_NOT_FOUND)
    try:
        done = await act(view)
    except (Problem, DatabaseUnavailableError) as error:
        problem = problem_of(error, request)
        _log(whole.running, request, problem)
        view.show(problem)
        done = None
    if isinstance(done, Redirected):
        return redirect(done.location)
    return done or await page.show(view)


async def _view(whole: _Console, request: Request, page: Page, path: dict[str, str], form: Form) -> View:
    secret, caller = await signed_in(whole.running, request, path.pop("tenant_id"))
    request.caller = caller
    if request.method == "POST":
        entrance.must_be_of_this_browser(whole.running, request, secret, form)
    if caller.role not in page.roles:
        raise Problem(problems.MISSING_ROLE, role=caller.role, allowed=", ".join(sorted(page.roles)))
    query = Query(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    browser = browser_of(request)
    view = View(
        whole.running, whole.operations, request, caller, secret, path=path, query=query, form=form, browser=browser
    )
    if not view.is_live:  # what a browser reads by itself is no activity
        await _touch(whole.running, caller)
    return view


async def _touch(running: Service, caller: Caller) -> None:
    home = caller.home_tenant or caller.tenant_id
    hot = running.database.share("hot", home)
    await touch_session(hot, caller.authority, whole_tenant(home), caller.session_id or "", running.at())


def _failed(running: Service, request: Request, problem: Problem) -> Response:
    """A page about a Problem; who is not signed in is led to do so."""
    browser = browser_of(request)
    if problem.kind is not problems.MISSING_CREDENTIAL:
        _log(running, request, problem)
    is_part = request.header(b"x-part") is not None
    if problem.kind.status == 401 and not is_part and request.method == "GET":
        return redirect(rendering.with_query(entrance.SIGN_IN, {"next": browser.here}))
    if problem.kind.status == 401:
        problem = Problem(problems.SIGNED_OUT)
    shown = shown_problem(problem, request.request_id, browser.language)
    template = "parts/problem.html" if is_part else "failed.html"
    failed = rendering.render_outside(template, browser.language, problem.kind.status, problem=shown)
    if problem.kind is problems.METHOD_NOT_ALLOWED:
        return failed._replace(headers=[*failed.headers, (b"allow", b"GET, HEAD, POST")])
    return failed


def _log(running: Service, request: Request, problem: Problem) -> None:
    if problem.kind.status in _LOGGED:
        log_security_event(running, request, problem.kind.slug)


def _asset(path: str) -> Response:
    found = rendering.assets().get(path.removeprefix("/console/static/"))
    if found is None:
        raise Problem(problems.ROUTE_NOT_FOUND)
    content, media_type = found
    return Response(200, [(b"content-type", media_type.encode()), _FOR_EVER], content)
