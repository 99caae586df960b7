"""The overview: the statistics now, how they came about, and what the sessions consist of."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from autional.access.console import APP_ID
from autional.api.response import Response
from autional.api.statistics.schemas import BreakdownResponse, SessionStatsResponse, StatisticsPoint
from autional.console.rendering import render, translator, with_query
from autional.console.view import View
from autional.risk.scoring import HIGH, HIGHEST, MEDIUM

_DAY = timedelta(days=1)
_SPANS: Mapping[str, tuple[timedelta, str]] = {
    "hour": (timedelta(hours=1), "1m"),
    "day": (_DAY - timedelta(minutes=1), "30m"),
    "week": (timedelta(days=7), "3h"),
    "month": (timedelta(days=30), "24h"),
}
LEVELS = {"low": (0, MEDIUM - 1), "medium": (MEDIUM, HIGH - 1), "high": (HIGH, HIGHEST)}


class Tile(NamedTuple):
    """A number of the statistics, with what it was a day before and the list that it counts."""

    name: str
    value: int
    change: int | None
    status: str


class Step(NamedTuple):
    """What happened between two readings of the statistics, and how many sessions were active at its end."""

    at: datetime
    active: int
    created: int
    revoked: int
    expired: int


class Ranked(NamedTuple):
    """A part of the active sessions, and the list of it."""

    name: str
    sessions: int
    link: str


async def show(view: View) -> Response:
    """The page, or the numbers alone, which a browser reads each second."""
    if view.is_part:
        return await _show_numbers(view)
    span = view.query.get("span", "day")
    span = span if span in _SPANS else "day"
    tiles = await _tiles(view)
    series, devices, breakdown, of_console = await asyncio.gather(
        _series(view, span, tiles[1]) if tiles else _nothing(),
        view.attempt("get_session_devices"),
        view.attempt("get_session_breakdown"),
        view.attempt("list_sessions", query={"app_id": APP_ID, "page_size": "1"}),
    )
    return render(
        view,
        "overview.html",
        tiles=tiles,
        series=series,
        span=span,
        spans=list(_SPANS),
        devices=devices,
        breakdown=breakdown,
        of_console=of_console.total if of_console else 0,
        console_app=APP_ID,
        rankings=_rankings(view, breakdown) if breakdown else [],
    )


def _rankings(view: View, read: BreakdownResponse) -> list[tuple[str, list[Ranked]]]:
    """The breakdown by risk, app, country and agent, each number with the list that it counts."""
    sessions, translate = f"{view.base}/sessions", translator(view.browser.language)
    levels = [
        Ranked(
            translate(f"risk.{level}"),
            read.risk.get(level, 0),
            with_query(sessions, {"min_risk": least or None, "max_risk": most if most < HIGHEST else None}),
        )
        for level, (least, most) in LEVELS.items()
    ]
    apps = [Ranked(one.name, one.sessions, with_query(sessions, {"app_id": one.name})) for one in read.apps]
    countries = [Ranked(one.name, one.sessions, with_query(sessions, {"country": one.name})) for one in read.countries]
    agents = [Ranked(one.name, one.sessions, with_query(sessions, {"actor": one.name})) for one in read.agents]
    return [("risk", levels), ("apps", apps), ("countries", countries), *([("agents", agents)] if agents else [])]


async def _show_numbers(view: View) -> Response:
    tiles, devices = await asyncio.gather(_tiles(view), view.attempt("get_session_devices"))
    return render(view, "parts/numbers.html", tiles=tiles, devices=devices)


async def _tiles(view: View) -> tuple[list[Tile], datetime] | None:
    read = await view.attempt("get_session_stats")
    if read is None:
        return None
    now: datetime = read.updated_at
    before = await _yesterday(view, now)
    tiles = [
        Tile(name, _value(read, name), None if before is None else _value(read, name) - _value(before, name), status)
        for name, status in (("active", "active"), ("expired", "expired"), ("revoked", "revoked"), ("total", "all"))
    ]
    return tiles, now


async def _yesterday(view: View, now: datetime) -> StatisticsPoint | None:
    """The last reading of a day ago, if there is one that is not older than two hours more."""
    span = {"from": _instant(now - _DAY - timedelta(hours=2)), "to": _instant(now - _DAY), "step": "1h"}
    found = await view.attempt("get_session_stats_history", query=span)
    return found.items[-1] if found and found.items else None


async def _series(view: View, span: str, now: datetime) -> list[Step] | None:
    length, step = _SPANS[span]
    query = {"from": _instant(now - length), "to": _instant(now), "step": step}
    found = await view.attempt("get_session_stats_history", query=query)
    if found is None:
        return None
    points: list[StatisticsPoint] = found.items
    return [_step(before, after) for before, after in pairwise(points)]


async def _nothing() -> None:
    return None


def _step(before: StatisticsPoint, after: StatisticsPoint) -> Step:
    revoked = after.lifetime_revoked_sessions - before.lifetime_revoked_sessions
    expired = after.lifetime_expired_sessions - before.lifetime_expired_sessions
    created = after.active_sessions - before.active_sessions + revoked + expired
    return Step(after.updated_at, after.active_sessions, created, revoked, expired)


def _value(read: SessionStatsResponse | StatisticsPoint, name: str) -> int:
    return int(getattr(read, f"{name}_sessions"))


def _instant(at: datetime) -> str:
    return at.isoformat()
