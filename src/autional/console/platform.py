"""What belongs to no single tenant: tenants, API keys, signing keys."""

from typing import get_args
from urllib.parse import quote

from autional.access.caller import KeyRole
from autional.api.response import Response
from autional.console.forms import body_of, must_be_typed
from autional.console.model import Redirected
from autional.console.rendering import render
from autional.console.view import View

_PAGE_SIZE = {"page_size": "50"}


async def show_tenants(view: View) -> Response:
    """The tenants."""
    return render(view, "tenants.html", found=await view.attempt("list_tenants", query=_PAGE_SIZE | view.query))


async def create_tenant(view: View) -> Redirected:
    """Create a tenant."""
    await view.call("create_tenant", body=body_of(view, ("id", "name")))
    return Redirected(f"{view.base}/tenants?search={quote(view.field('id'))}")


async def disable_tenant(view: View) -> Redirected:
    """Refuse everything of a tenant, once its id has been typed."""
    must_be_typed(view, view.field("tenant_id"))
    await view.call("disable_tenant", path={"tenant_id": view.field("tenant_id")})
    return Redirected(f"{view.base}/tenants")


async def enable_tenant(view: View) -> Redirected:
    """Accept a tenant again."""
    await view.call("enable_tenant", path={"tenant_id": view.field("tenant_id")})
    return Redirected(f"{view.base}/tenants")


async def show_api_keys(view: View) -> Response:
    """The API keys, and once the secret of a new one."""
    found = await view.attempt("list_api_keys", query=_PAGE_SIZE | view.query)
    return render(view, "api_keys.html", found=found, roles=get_args(KeyRole), created=view.state.get("created"))


async def create_api_key(view: View) -> None:
    """Create an API key; the page shows it once."""
    body = body_of(view, ("name", "role"))
    named = [one.strip() for one in view.field("tenant_ids").split(",") if one.strip()]
    body |= {"tenant_ids": named} if named else {}
    body |= {"all_tenants": True} if view.field("all_tenants") else {}
    view.state["created"] = await view.call("create_api_key", body=body)


async def revoke_api_key(view: View) -> Redirected:
    """Refuse an API key from now on."""
    await view.call("revoke_api_key", path={"api_key_id": view.field("api_key_id")})
    return Redirected(f"{view.base}/api-keys")


async def show_signing_keys(view: View) -> Response:
    """The signing keys, and how they overlap."""
    return render(view, "signing_keys.html", found=await view.attempt("list_signing_keys"))


async def rotate_signing_keys(view: View) -> Redirected:
    """Add a signing key."""
    await view.call("rotate_signing_keys")
    return Redirected(f"{view.base}/signing-keys")


async def retire_signing_key(view: View) -> Redirected:
    """Refuse what a key signed, once the end of its id has been typed."""
    must_be_typed(view, view.field("key_id")[-6:])
    await view.call("retire_signing_key", path={"key_id": view.field("key_id")})
    return Redirected(f"{view.base}/signing-keys")
