"""Lists, a page at a time or as a whole."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from autional_client.calls import Call, Options

Item = TypeVar("Item")


class Listed(Protocol[Item]):
    """An answer with items."""

    @property
    def items(self) -> list[Item]:
        """The items of a page."""


ListAnswer = TypeVar("ListAnswer", bound=Listed[Any])


class Part(Generic[ListAnswer, Item]):
    """What both kinds of pages know. Iterating over one gives its own items."""

    answer: ListAnswer
    """The whole answer, with totals."""

    @property
    def items(self) -> list[Item]:
        """What is on this page."""
        return self.answer.items

    @property
    def next_cursor(self) -> str | None:
        """Where the next page begins; None after the last one."""
        found: str | None = getattr(getattr(self.answer, "pagination", self.answer), "next_cursor", None)
        return found

    def __iter__(self) -> Iterator[Item]:
        """The items of this page."""
        return iter(self.items)


class Page(Part[ListAnswer, Item]):
    """A page of a list, from which the following ones can be read."""

    def __init__(
        self, send: Callable[[Call[ListAnswer], Options], ListAnswer], call: Call[ListAnswer], options: Options
    ):
        self._send, self._call, self._options = send, call, options
        self.answer = send(call, options)

    def next_page(self) -> "Page[ListAnswer, Item] | None":
        """The next page; None after the last one."""
        call = call_after(self._call, self.next_cursor)
        return Page(self._send, call, self._options) if call else None

    def auto_paging_iter(self) -> Iterator[Item]:
        """The items of this page and of all that follow, read as they are needed."""
        page: Page[ListAnswer, Item] | None = self
        while page is not None:
            yield from page.items
            page = page.next_page()


class AsyncPage(Part[ListAnswer, Item]):
    """The same for an AsyncClient."""

    def __init__(
        self,
        send: Callable[[Call[ListAnswer], Options], Awaitable[ListAnswer]],
        call: Call[ListAnswer],
        options: Options,
        answer: ListAnswer,
    ):
        self._send, self._call, self._options = send, call, options
        self.answer = answer

    async def next_page(self) -> "AsyncPage[ListAnswer, Item] | None":
        """The next page; None after the last one."""
        call = call_after(self._call, self.next_cursor)
        if call is None:
            return None
        return AsyncPage(self._send, call, self._options, await self._send(call, self._options))

    async def auto_paging_iter(self) -> AsyncIterator[Item]:
        """The items of this page and of all that follow, read as they are needed."""
        page: AsyncPage[ListAnswer, Item] | None = self
        while page is not None:
            for item in page.items:
                yield item
            page = await page.next_page()


def call_after(call: Call[ListAnswer], cursor: str | None) -> Call[ListAnswer] | None:
    """The call of the page that begins there."""
    if cursor is None:
        return None
    return call._replace(query={**call.query, "page": None, "cursor": cursor})
