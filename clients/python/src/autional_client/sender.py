"""What the operations of a client need: something that sends their calls."""

from abc import ABC, abstractmethod

from autional_client.calls import Answer, Call, Options


class Sender(ABC):
    """Sends a call and waits for its answer."""

    @abstractmethod
    def send(self, call: Call[Answer], options: Options) -> Answer:
        """The answer; raises ProblemError where the service refuses, NoAnswerError where it does not answer."""


class AsyncSender(ABC):
    """The same for an AsyncClient."""

    @abstractmethod
    async def send(self, call: Call[Answer], options: Options) -> Answer:
        """The answer; raises ProblemError where the service refuses, NoAnswerError where it does not answer."""
