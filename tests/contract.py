"""Holds every answer of the suite to the OpenAPI document."""

import json
import re
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from autional.api.events.feed import EVENT_STREAM
from autional.api.openapi.document import document
from autional.api.operations import OPERATIONS
from autional.api.problem_body import PROBLEM_TYPE
from autional.core.settings import Settings

PREFIXES = Settings().prefixes
DOCUMENT = document(OPERATIONS, PREFIXES)
PATTERNS = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path.replace(".", r"\."))) for path in DOCUMENT["paths"]}


async def answer_keeps_to_the_document(answer: httpx.Response) -> None:
    """The status is one that the operation declares, and the body keeps to the schema of that status."""
    path = answer.request.url.raw_path.decode().partition("?")[0]
    for prefix in PREFIXES:
        path = path.removeprefix(prefix)
    # A literal path wins over one with a parameter, as in the router.
    templates = sorted((template for template, pattern in PATTERNS.items() if pattern.fullmatch(path)), key=parameters)
    method = answer.request.method.lower()
    described = DOCUMENT["paths"][templates[0]].get(method) if templates else None
    if described is None:
        return
    declared = described["responses"].get(str(answer.status_code))
    assert declared is not None, (method, path, answer.status_code)
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    content = declared.get("content", {}).get(media_type)
    if content is not None and media_type == EVENT_STREAM:
        return  # which does not end
    await answer.aread()
    if content is None:
        assert answer.content == b"", (method, path, media_type)
    elif "json" in media_type:
        body = answer.json()
        validator(json.dumps(content["schema"])).validate(body)
        if media_type == PROBLEM_TYPE:
            assert body["type"].rpartition("/")[2] in content["examples"], (method, path, body["type"])


def parameters(template: str) -> int:
    return template.count("{")


@cache
def validator(schema: str) -> Any:
    return jsonschema_rs.validator_for({**json.loads(schema), "components": DOCUMENT["components"]})
