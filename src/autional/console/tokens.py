"""Tokens, the blacklist, and trusted devices."""

from autional.api.response import Response
from autional.console.forms import body_of
from autional.console.model import Redirected
from autional.console.rendering import render
from autional.console.view import View

_PAGE_SIZE = {"page_size": "50"}


async def show(view: View) -> Response:
    """Issued tokens."""
    return render(view, "tokens.html", found=await view.attempt("list_tokens", query=_PAGE_SIZE | view.query))


async def revoke(view: View) -> Redirected:
    """End a token before its time."""
    await view.call("blacklist_token", body=body_of(view, ("token", "token_type", "user_id", "reason")))
    return Redirected(f"{view.base}/blacklist")


async def show_blacklist(view: View) -> Response:
    """Tokens that were ended before their time."""
    return render(view, "blacklist.html", found=await view.attempt("list_blacklist", query=_PAGE_SIZE | view.query))


async def restore(view: View) -> Redirected:
    """Take a token off the blacklist."""
    await view.call("delete_blacklist_entry", path={"id": view.field("id")})
    return Redirected(view.browser.here)


async def show_devices(view: View) -> Response:
    """The devices that a user trusts."""
    found = None
    if view.query["user_id"]:
        found = await view.attempt("list_trusted_devices", query=_PAGE_SIZE | view.query)
    return render(view, "devices.html", found=found)


async def distrust(view: View) -> Redirected:
    """Trust a device no more."""
    await view.call("distrust_device", path={"device_id": view.field("device_id")})
    return Redirected(view.browser.here)
