"""What a browser may ask of the console before a page: to sign in and out, and to choose a language."""

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import parse_qs, parse_qsl, quote

from autional.access import console as console_access
from autional.access.caller import Caller
from autional.api.problem_response import log_security_event
from autional.api.request import Request
from autional.api.response import Response
from autional.console import cookies, openid, rendering, sign_in
from autional.console.rendering import redirect
from autional.console.view import Browser, csrf_token, shown_problem
from autional.core import i18n, ids, problems
from autional.core.problems import Problem
from autional.runtime.service import Service

_FORM = "application/x-www-form-urlencoded"
SIGN_IN = "/console/sign-in"


async def signed_in(running: Service, request: Request, tenant_id: str | None) -> tuple[str, Caller]:
    """Secret and caller of who is signed in, acting in a tenant (None: the own one).

    Raises the Problems of `access.console.caller_of`, and MISSING_CREDENTIAL.
    """
    transport = cookies.transport_of(request, running.settings)
    secret = cookies.session_secret(request, transport) if transport else None
    if not secret:
        raise Problem(problems.MISSING_CREDENTIAL, accepted="a session of the console")
    hot = running.database.share("hot", tenant_id)
    return secret, await console_access.caller_of(hot, secret, tenant_id, running.at())


async def read_form(running: Service, request: Request) -> dict[str, list[str]]:
    """The fields of a form. Raises UNSUPPORTED_MEDIA_TYPE, MALFORMED_REQUEST, BODY_TOO_LARGE."""
    raw = await request.body(running.settings.body_limit)
    if request.media_type != _FORM:
        raise Problem(problems.UNSUPPORTED_MEDIA_TYPE, expected=_FORM)
    try:
        return parse_qs(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=500)
    except ValueError:
        raise Problem(problems.MALFORMED_REQUEST) from None


def must_be_of_this_browser(running: Service, request: Request, secret: str, form: Mapping[str, list[str]]) -> None:
    """Refuse a form that another site had the browser send (OWASP: synchronizer token, Fetch Metadata)."""
    given = form.get("csrf_token", [""])[0]
    if not cookies.is_of_this_origin(request, running.settings) or not _equal(given, csrf_token(secret)):
        raise Problem(problems.FOREIGN_FORM)


def _equal(one: str, other: str) -> bool:
    return ids.equal_hashes(one.encode(), other.encode())


async def home(running: Service, request: Request) -> Response:
    """Lead to the overview of the own tenant."""
    _, caller = await signed_in(running, request, None)
    return redirect(f"/console/t/{quote(caller.tenant_id)}")


async def sign_in_page(running: Service, request: Request, problem: Problem | None = None) -> Response:
    """The page to sign in."""
    language = browser_of(request).language
    shown = shown_problem(problem, request.request_id, language) if problem else None
    return rendering.render_outside(
        "sign_in.html",
        language,
        shown.status if shown else 200,
        problem=shown,
        onward=dict(parse_qsl(request.scope["query_string"].decode("latin-1"))).get("next", ""),
        has_provider=running.settings.console_oidc_issuer is not None,
        transport=cookies.transport_of(request, running.settings),
    )


async def submit_sign_in(running: Service, request: Request) -> Response:
    """Sign in by the secret of a link."""
    transport = cookies.transport_of(request, running.settings)
    form = await read_form(running, request)
    if transport is None or not cookies.is_of_this_origin(request, running.settings):
        raise Problem(problems.FOREIGN_FORM)
    try:
        secret = await sign_in.sign_in_by_link(running, request, form.get("link", [""])[0].strip().rpartition("#")[2])
    except Problem as problem:
        log_security_event(running, request, problem.kind.slug)
        return await sign_in_page(running, request, problem)
    await _end_earlier(running, request)
    cookie = (b"set-cookie", cookies.session_cookie(secret, transport))
    onward = form.get("next", [""])[0]
    return redirect(onward if _is_page(onward) else "/console", cookie)


async def begin_openid(running: Service, request: Request) -> Response:
    """Lead to the OpenID provider."""
    transport = cookies.transport_of(request, running.settings)
    if transport is None or running.settings.console_oidc_issuer is None:
        raise Problem(problems.ROUTE_NOT_FOUND)
    begun = await openid.begin(running, _redirect_uri(running, request))
    return redirect(begun.location, (b"set-cookie", cookies.begun_cookie(begun.kept, transport, openid.LIFETIME)))


async def finish_openid(running: Service, request: Request) -> Response:
    """Sign in who comes back from the OpenID provider.

    The page leads on by itself: a redirection would still count as the provider's, and the cookie stay behind.
    """
    transport = cookies.transport_of(request, running.settings)
    if transport is None or running.settings.console_oidc_issuer is None:
        raise Problem(problems.ROUTE_NOT_FOUND)
    answer = dict(parse_qsl(request.scope["query_string"].decode("latin-1")))
    kept = cookies.begun(request, transport)
    try:
        found = await openid.finish(running, _redirect_uri(running, request), kept, answer)
        secret = await sign_in.sign_in_by_openid(running, request, found)
    except Problem as problem:
        log_security_event(running, request, problem.kind.slug)
        return await sign_in_page(running, request, problem)
    page = rendering.render_outside("signed_in.html", browser_of(request).language)
    await _end_earlier(running, request)
    given = (b"set-cookie", cookies.session_cookie(secret, transport))
    spent = (b"set-cookie", cookies.begun_cookie("", transport, 0))
    return page._replace(headers=[*page.headers, given, spent])


async def _end_earlier(running: Service, request: Request) -> None:
    """End the session that the browser had before."""
    with suppress(Problem):
        _, caller = await signed_in(running, request, None)
        await sign_in.sign_out(running, request, caller)


def _is_page(path: str) -> bool:
    """Whether it is the path of a page of the console, and no other site."""
    return path.startswith("/console/") and "\\" not in path and path.isprintable() and path.isascii()


def _redirect_uri(running: Service, request: Request) -> str:
    base = running.settings.public_url or f"http://{request.header(b'host')}"
    return f"{base.rstrip('/')}/console/openid/callback"


async def submit_sign_out(running: Service, request: Request) -> Response:
    """End the session, and have the browser forget everything."""
    form = await read_form(running, request)
    secret, caller = await signed_in(running, request, None)
    must_be_of_this_browser(running, request, secret, form)
    await sign_in.sign_out(running, request, caller)
    transport = cookies.transport_of(request, running.settings) or "tls"
    return redirect(
        SIGN_IN,
        (b"set-cookie", cookies.session_cookie("", transport)),
        (b"clear-site-data", b'"cache", "storage"'),  # "cookies" would be those of all hosts of the domain,
    )


async def choose_language(running: Service, request: Request) -> Response:
    """Remember a language, and lead back."""
    form = await read_form(running, request)
    chosen, back = form.get("language", [""])[0], form.get("back", [""])[0]
    if chosen not in i18n.LANGUAGES or not cookies.is_of_this_origin(request, running.settings):
        raise Problem(problems.FOREIGN_FORM)
    return redirect(back if _is_page(back) else "/console", (b"set-cookie", cookies.language_cookie(chosen)))


def browser_of(request: Request) -> Browser:
    """Language and place of a browser."""
    chosen = cookies.read(request, cookies.LANGUAGE)
    language = chosen if chosen in i18n.LANGUAGES else request.language
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["raw_path"].decode("latin-1")
    return Browser(language, f"{path}?{query}" if query else path)
