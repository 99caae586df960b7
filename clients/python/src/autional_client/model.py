"""What requests and answers are made of."""

from typing import Any

import msgspec

_SECRETS = frozenset(
    {"access_token", "api_key", "authorization_header", "dry_run_token", "refresh_token", "secret", "token"}
)


class Model(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Part of an answer of the service. Its `repr` shows no token and no secret."""

    def __repr__(self) -> str:
        """The fields that say something."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Name and value of each field that has one."""
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, "***" if name in _SECRETS else value) for name, value in values if value is not None]
