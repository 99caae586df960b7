"""Who hears of what was ended: receivers, what could not be delivered, receipts, lag and alerts."""

import asyncio
from typing import get_args

from autional.api.events.schemas import PushProtocol
from autional.api.response import Response
from autional.console.forms import body_of, must_be_typed
from autional.console.model import Redirected
from autional.console.rendering import render
from autional.console.view import View
from autional.events.alerts import Measure
from autional.events.log import Kind

_PAGE_SIZE = {"page_size": "50"}
_RULE = ("factor", "minimum")


async def show(view: View) -> Response:
    """The receivers, how long the channels take, and what is unusual."""
    names = ("list_receivers", "get_lag", "get_status_list_setting", "get_alerts")
    found, lag, listing, alerts = await asyncio.gather(*map(view.attempt, names))
    return render(
        view,
        "events.html",
        found=found,
        lag=lag,
        listing=listing,
        alerts=alerts,
        rules={rule.measure: rule for rule in alerts.rules} if alerts else {},
        protocols=get_args(PushProtocol),
        kinds=get_args(Kind),
        measures=get_args(Measure),
        created=view.state.get("created"),
    )


async def create_receiver(view: View) -> None:
    """Add a receiver; the page shows the secret of a webhook once."""
    body = body_of(view, ("protocol", "url", "client_id", "app_id", "description"))
    kinds = view.form.get("kinds", [])
    view.state["created"] = await view.call("create_receiver", body=body | ({"kinds": kinds} if kinds else {}))


async def save_rules(view: View) -> Redirected:
    """Save what is unusual: a rule for each measure that has a factor."""
    rules = []
    for measure in get_args(Measure):
        given = {name: view.field(f"{measure}.{name}") for name in _RULE}
        if any(given.values()):
            numbers = {name: _number(text) for name, text in given.items() if text}
            rules.append({"measure": measure} | numbers)
    await view.call("update_alert_rules", body={"rules": rules})
    return Redirected(f"{view.base}/events?saved=1")


async def save_listing(view: View) -> Redirected:
    """Have access tokens stand in a status list, or not."""
    await view.call("update_status_list_setting", body={"enabled": bool(view.field("enabled"))})
    return Redirected(f"{view.base}/events?saved=1")


async def show_receiver(view: View) -> Response:
    """A receiver, with what it was or is to be told."""
    query = _PAGE_SIZE | {name: view.query[name] for name in ("state", "cursor")}
    one, found = await asyncio.gather(
        view.attempt("get_receiver", path=view.path),
        view.attempt("list_deliveries", path=view.path, query=query),
    )
    return render(view, "receiver.html", one=one, found=found, secret=view.state.get("secret"))


async def replay(view: View) -> Redirected:
    """Try one delivery that could not be delivered again, or all of them."""
    position = view.field("position")
    await view.call("replay_deliveries", path=view.path, body={"positions": [_number(position)]} if position else {})
    return _back(view)


async def pause(view: View) -> Redirected:
    """Pause a receiver, or go on."""
    await view.call("update_receiver", path=view.path, body={"paused": bool(view.field("paused"))})
    return _back(view)


async def rotate_secret(view: View) -> None:
    """Give a webhook a new secret; the page shows it once."""
    view.state["secret"] = await view.call("rotate_receiver_secret", path=view.path)


async def remove(view: View) -> Redirected:
    """Remove a receiver, once the end of its id has been typed."""
    must_be_typed(view, view.path["receiver_id"][-6:])
    await view.call("delete_receiver", path=view.path)
    return Redirected(f"{view.base}/events")


async def show_revocations(view: View) -> Response:
    """What was ended, the latest first."""
    query = _PAGE_SIZE | {name: view.query[name] for name in ("user_id", "cursor")}
    return render(view, "revocations.html", found=await view.attempt("list_revocations", query=query))


async def show_receipt(view: View) -> Response:
    """Who heard of a revocation."""
    return render(view, "revocation.html", found=await view.attempt("get_receipt", path=view.path))


def _back(view: View) -> Redirected:
    return Redirected(f"{view.base}/receivers/{view.path['receiver_id']}")


def _number(text: str) -> float | str:
    """A number of a form; any other text as it is, for the Problem that names it."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
