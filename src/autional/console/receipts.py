"""Receipts: what a request has ended, and the jobs that end many sessions."""

from datetime import timedelta

from autional.api.response import Response
from autional.console.model import Redirected
from autional.console.rendering import render
from autional.console.view import View
from autional.core.formats import Timestamp

_AROUND = timedelta(minutes=5)


async def show_receipt(view: View) -> Response:
    """What a request has ended."""
    query = {"request_id": view.path["request_id"]} | _span(view.query.get("at", ""))
    return await _show(view, query, job=None)


async def show_jobs(view: View) -> Response:
    """The jobs of the tenant."""
    return render(view, "jobs.html", found=await view.attempt("list_jobs", query=view.query))


async def show_job(view: View) -> Response:
    """A job: its progress, and what it has ended."""
    job = await view.attempt("get_job", path=view.path)
    if job is None:
        return render(view, "part.html" if view.is_part else "receipt.html", job=None, found=None, path="")
    query = {"job_id": job.id, "from": job.created_at.isoformat()}
    if job.finished_at is not None:
        query["to"] = (job.finished_at + _AROUND).isoformat()
    return await _show(view, query, job=job)


async def cancel(view: View) -> Redirected:
    """Cancel a job."""
    await view.call("cancel_job", path=view.path)
    return Redirected(f"{view.base}/jobs/{view.path['job_id']}")


async def _show(view: View, query: dict[str, str], job: object) -> Response:
    cursor = {"cursor": view.query["cursor"]} if view.query.get("cursor") else {}
    if view.is_live and job is not None:
        return render(view, "parts/progress.html", job=job)
    found = await view.attempt("list_revocations", query=query | cursor | {"page_size": "50"})
    path, _, _ = view.browser.here.partition("?")
    return render(view, "receipt.html", job=job, found=found, path=path)


def _span(at: str) -> dict[str, str]:
    """The time around a request; that of the last day if none is given."""
    try:
        moment = Timestamp(at).value
    except ValueError:
        return {}
    return {"from": (moment - _AROUND).isoformat(), "to": (moment + _AROUND).isoformat()}
