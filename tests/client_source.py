"""The parts of the Python client that are generated from the table of operations; `make docs` writes them."""

import datetime
import inspect
import keyword
import re
import subprocess
import sys
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec
from msgspec import UnsetType

from autional.api.model import File, Operation, Page
from autional.api.openapi.document import answer_type
from autional.api.openapi.examples import field_of
from autional.api.operations import OPERATIONS
from autional.core.formats import Timestamp

CLIENT = Path(__file__).parents[1] / "clients/python/src/autional_client"
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")
_GENERATED = '"""{about}. Generated from the service\'s table of operations: do not edit."""\n\n'
REPEATABLE = frozenset({
    "check_blacklist_by_post", "introspect_token", "oauth_introspect", "internal_validate_token", "validate_session",
    "preview_session_policy", "preview_session_limits", "preview_retention", "revoke_session", "oauth_revoke",
    "retire_signing_key", "disable_tenant", "enable_tenant",
})  # fmt: skip
"""Operations by POST whose repeat has no effect beyond the first, and the same answer."""
CLASSES = {"oauth": "OAuth"}


class Parameter(NamedTuple):
    """A parameter of a method, and where it goes."""

    place: Literal["path", "query", "body"]
    name: str
    source: str
    """Its type, as source."""
    required: bool


class Source:
    """Types as source, and the structs that they need."""

    def __init__(self) -> None:
        self.structs: dict[str, type[msgspec.Struct]] = {}
        self.requests: set[str] = set()

    def of(self, kind: Any, *, request: bool) -> str:
        """A type as source. Answers have open strings where requests have a choice: a later service may know more."""
        origin, args = get_origin(kind), get_args(kind)
        if origin is typing.Annotated:
            return self.of(args[0], request=request)
        if origin is Literal:
            return f"Literal[{', '.join(map(repr, args))}]" if request else "str"
        if origin in {typing.Union, UnionType}:
            parts = [self.of(one, request=request) for one in args if one not in {type(None), UnsetType}]
            return " | ".join([*dict.fromkeys(parts), *(["None"] if len(parts) < len(args) else [])])
        if origin is not None:
            name = origin.__name__ if origin in {list, dict} else self._struct(origin, request=request)
            return f"{name}[{', '.join(self.of(one, request=request) for one in args)}]"
        return self._plain(kind, request=request)

    def _plain(self, kind: Any, *, request: bool) -> str:
        if isinstance(kind, typing.TypeVar) or kind is Any:
            return str(getattr(kind, "__name__", "Any"))
        if kind is datetime.datetime or kind is Timestamp:
            return "datetime"
        if issubclass(kind, msgspec.Struct):
            return self._struct(kind, request=request)
        return next(str(base.__name__) for base in kind.__mro__ if base.__module__ == "builtins")

    def _struct(self, kind: type[msgspec.Struct], *, request: bool) -> str:
        name = kind.__name__
        if name not in self.structs:
            self.structs[name] = kind
            if request:
                self.requests.add(name)
            for one in msgspec.structs.fields(kind):
                self.of(one.type, request=request)
        return name


def parameters_of(row: Operation, source: Source) -> list[Parameter]:
    """The parameters of a method: those of the path, then what must be given, then the rest."""
    found = [Parameter("path", name, "str", True) for name in _PATH_PARAMETER.findall(row.path)]
    for place, struct in (("query", row.query), ("body", row.body)):
        for one in msgspec.structs.fields(struct):
            kind = source.of(one.type, request=True)
            found.append(Parameter(place, one.encode_name, kind, one.required))  # type: ignore[arg-type]
    names = [one.name for one in found]
    assert len(names) == len(set(names)), (row.id, names)
    return sorted(found, key=lambda one: (one.place != "path", not one.required))


def item_of(row: Operation, source: Source) -> str | None:
    """The type of the items of a list that goes on by cursor."""
    if "cursor" not in row.query.__struct_fields__:
        return None
    [items] = [one for one in msgspec.structs.fields(answer_type(row)) if one.name == "items"]
    return source.of(get_args(items.type)[0], request=False)


def answer_of(row: Operation, source: Source) -> tuple[str, str]:
    """The type of an answer, and what the call says that it decodes."""
    kind = answer_type(row)
    if kind in {Page, File}:
        return "str", "str"
    if kind is type(None):
        return "None", "NoneType"
    if get_origin(kind) is UnionType:
        source.of(kind, request=False)
        return "Any", "object"
    name = source.of(kind, request=False)
    return name, name


def method(row: Operation, source: Source, *, is_async: bool) -> str:
    """A method of a client."""
    parameters = parameters_of(row, source)
    answer, decoded = answer_of(row, source)
    item = item_of(row, source)
    path = [one for one in parameters if one.place == "path"]
    signature = [f"{one.name}: str" for one in path] + ["*"]
    for one in parameters[len(path) :]:
        optional = one.source if one.source.endswith("| None") else f"{one.source} | None"
        name = python_name(one.name)
        only = re.fullmatch(r"Literal\[('[^',]+')\]", one.source) if one.required else None
        default = f" = {only[1]}" if only else "" if one.required else " = None"
        signature.append(f"{name}: {one.source if one.required else optional}{default}")
    signature.append("options: Options = NO_OPTIONS")
    template = (
        f'path_of("{row.path}", {", ".join(f"{one.name}={one.name}" for one in path)})' if path else f'"{row.path}"'
    )
    call = [f'"{row.method}"', template, decoded]
    for place in ("query", "body"):
        chosen = [one.name for one in parameters if one.place == place]
        if chosen or (place == "body" and row.body.__struct_fields__):
            call.append(f"{place}={{{', '.join(f'{json_name(name)}: {python_name(name)}' for name in chosen)}}}")
    call += ["is_form=True"] if row.form else []
    call += ["takes_key=True"] if row.idempotent else []
    call += ["is_repeatable=True"] if row.method in {"GET", "PUT", "DELETE"} or row.id in REPEATABLE else []
    sent = f"Call[{answer}]({', '.join(call)})"
    page = f"{'Async' if is_async else ''}Page[{answer}, {item}]"
    lines = [
        f"{'async ' if is_async else ''}def {row.id}(self, {', '.join(signature)}) -> {page if item else answer}:",
        f'    """{documentation(row, parameters)}"""',
        f"    call = {sent}",
    ]
    if item and is_async:
        lines.append("    return AsyncPage(self.send, call, options, await self.send(call, options))")
    elif item:
        lines.append("    return Page(self.send, call, options)")
    else:
        lines.append(
            f"    {'' if answer == 'None' else 'return '}{'await ' if is_async else ''}self.send(call, options)"
        )
    return "\n".join(f"    {line}" for line in lines)


def json_name(name: str) -> str:
    """A name as a string."""
    return f'"{name}"'


def python_name(name: str) -> str:
    """A name that Python lets us use."""
    return f"{name}_" if keyword.iskeyword(name) else name


def documentation(row: Operation, parameters: Iterable[Parameter]) -> str:
    """The docstring of a method: what the operation does, and what its parameters mean."""
    summary, _, text = inspect.cleandoc(row.function.__doc__ or "").partition("\n")
    said = [
        f"{python_name(one.name)}: {field.description}"
        for one in parameters
        if (field := described(row, one)) is not None
    ]
    paragraphs = [f"{summary.rstrip('.')}.", text.strip(), f"{row.method} {row.path}", *["\n".join(said)] * bool(said)]
    joined = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    assert '"""' not in joined
    return joined.replace("\\", "\\\\").replace("\n", "\n        ") + ("\n        " if "\n" in joined else "")


def described(row: Operation, parameter: Parameter) -> Any:
    """What is known of a parameter."""
    struct = {"query": row.query, "body": row.body}.get(parameter.place)
    kinds = [kind.__name__ for kind in struct.__mro__] if struct else []
    return field_of(parameter.name, *kinds)


def tag_name(tag: str) -> str:
    """The beginning of the names of the classes of a tag."""
    return CLASSES.get(tag, tag.capitalize())


def operations_module(tag: str, rows: list[Operation], source: Source) -> str:
    """The module of a tag: its methods for both clients."""
    body = []
    for is_async in (False, True):
        prefix = "Async" if is_async else ""
        body.append(
            f"class {prefix}{tag_name(tag)}({prefix}Sender):\n"
            f'    """Operations of {tag}{", for AsyncClient" if is_async else ""}."""\n\n'
            + "\n\n".join(method(row, source, is_async=is_async) for row in rows)
        )
    text = "\n\n\n".join(body)
    used = sorted({name for name in source.structs if re.search(rf"\b{name}\b", text)})
    imports = [
        *(["from datetime import datetime"] if re.search(r"\bdatetime\b", text) else []),
        *(
            [f"from typing import {', '.join(names)}"]
            if (names := [name for name in ("Any", "Literal") if re.search(rf"\b{name}\b", text)])
            else []
        ),
        *(["from types import NoneType"] if "NoneType" in text else []),
        "",
        f"from autional_client.calls import Call, NO_OPTIONS, Options{', path_of' if 'path_of' in text else ''}",
        *(["from autional_client.paging import AsyncPage, Page"] if "Page(" in text else []),
        f"from autional_client.schemas import {', '.join(used)}" if used else "",
        "from autional_client.sender import AsyncSender, Sender",
    ]
    head = _GENERATED.format(about=f"Operations of {tag}")
    return head + "\n".join(imports) + "\n\n\n" + text + "\n"


def schemas_module(source: Source) -> str:
    """The module of what requests and answers are made of."""
    parts = [class_of(kind, source) for kind in ordered(source)]
    head = _GENERATED.format(about="What requests and answers are made of")
    imports = "from datetime import datetime\nfrom typing import Any, Generic, Literal, TypeVar\n\n"
    return (
        head
        + imports
        + "from autional_client.model import Model\n\nData = TypeVar('Data')\n\n\n"
        + "\n\n\n".join(parts)
        + "\n"
    )


def ordered(source: Source) -> Iterator[type[msgspec.Struct]]:
    """The structs, each after those that it is made of."""
    done: set[str] = set()

    def visit(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
        if kind.__name__ in done:
            return
        done.add(kind.__name__)
        mentioned = " ".join(source.of(one.type, request=True) for one in msgspec.structs.fields(kind))
        for name in re.findall(r"\w+", mentioned):
            if name in source.structs:
                yield from visit(source.structs[name])
        yield kind

    for name in sorted(source.structs):
        yield from visit(source.structs[name])


def class_of(kind: type[msgspec.Struct], source: Source) -> str:
    """A struct as source."""
    name = kind.__name__
    generic = ", Generic[Data]" if getattr(kind, "__parameters__", ()) else ""
    lines = [f"class {name}(Model{generic}):", f'    """{inspect.cleandoc(kind.__doc__ or name)}"""', ""]
    lines = [line.replace("\n", "\n    ") for line in lines]
    fields = sorted(msgspec.structs.fields(kind), key=lambda one: not one.required)
    for one in fields:
        text = source.of(one.type, request=name in source.requests)
        text = f'"{text}"' if name in re.findall(r"\w+", text) else text
        lines.append(f"    {python_name(one.encode_name)}: {text}{default_of(one, text)}")
        if field := field_of(one.encode_name, name):
            lines.append(f'    """{field.description}"""')
    return "\n".join(lines)


def default_of(one: msgspec.structs.FieldInfo, text: str) -> str:
    """The default of a field, as source."""
    if one.required:
        return ""
    if one.default_factory is not msgspec.NODEFAULT:
        value = one.default_factory()
        return f" = {value!r}" if value in ([], {}) or isinstance(value, str) else " | None = None"
    if one.default is msgspec.UNSET or one.default is None:
        return " = None" if text.strip('"').endswith("None") else " | None = None"
    return f" = {one.default!r}"


def files() -> dict[Path, str]:
    """The generated files, formatted."""
    source = Source()
    tags: dict[str, list[Operation]] = {}
    for row in OPERATIONS:
        tags.setdefault(row.tag, []).append(row)
    made = {f"operations/{tag}.py": operations_module(tag, rows, source) for tag, rows in sorted(tags.items())}
    names = [(tag, tag_name(tag)) for tag in sorted(tags)]
    imports = "".join(f"from autional_client.operations.{tag} import {name}, Async{name}\n" for tag, name in names)
    bases = ", ".join(name for _, name in names)
    async_bases = ", ".join(f"Async{name}" for _, name in names)
    made["operations/__init__.py"] = (
        _GENERATED.format(about="Every operation, for both clients")
        + f'{imports}\n\nclass Operations({bases}):\n    """Every operation."""\n\n\n'
        + f'class AsyncOperations({async_bases}):\n    """Every operation, for AsyncClient."""\n'
    )
    made["schemas.py"] = schemas_module(source)
    return {CLIENT / name: formatted(name, text) for name, text in made.items()}


def formatted(name: str, text: str) -> str:
    """Source as ruff formats it."""
    ruff = str(Path(sys.executable).parent / "ruff")
    for command in (["check", "--select", "I,F401", "--fix", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [ruff, *command, "--stdin-filename", str(CLIENT / name), "-"],
            input=text, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout, done.stderr + text
        text = done.stdout
    return text


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
