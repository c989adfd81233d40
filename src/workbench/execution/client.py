"""A client of Jupyter's that knows when its kernel is ready, and when it last spoke.

Jupyter's own asks the kernel who it is, and then listens for a fifth of a second
whether anything else comes. This one listens until the kernel says that it has done
with the question: by then both ways of the conversation stand, and nothing older is
under way.
"""

from queue import Empty
from time import monotonic
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type
from typing_extensions import override

_LISTEN_S = 0.2  # then ask again: what was said before the way stood is lost
_REPLY_S = 1.0


class HeardChannel(AsyncZMQSocketChannel):
    """Remembers when something came.

    Attributes:
        heard: When the last message came, on the monotonic clock; 0 before any.
    """

    heard = 0.0

    @override
    async def get_msg(  # type: ignore[override]  # as its parent's own
        self, timeout: float | None = None
    ) -> dict[str, Any]:
        said = await super().get_msg(timeout)
        self.heard = monotonic()
        return said


class PromptClient(AsyncKernelClient):
    """As its parent, but for how it begins, and that it knows when it last heard."""

    shell_channel_class = Type(HeardChannel)
    iopub_channel_class = Type(HeardChannel)

    @property
    def heard(self) -> float:
        """When the kernel last said anything; that it is alive is not a word."""
        ways = (self._shell_channel, self._iopub_channel)
        return max(way.heard for way in ways if isinstance(way, HeardChannel))

    @override
    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel has answered, and has been heard to.

        Args:
            timeout: Seconds; None for no limit.

        Raises:
            RuntimeError: It died, or did not answer in time.
        """
        until = float("inf") if timeout is None else monotonic() + timeout
        while not await self._heard(self.kernel_info()):
            if not await self._async_is_alive():
                raise RuntimeError("the kernel died before it answered")
            if monotonic() > until:
                raise RuntimeError("the kernel did not answer in time")

    async def _heard(self, question: str) -> bool:
        """Whether the reply came, and that the kernel is idle after it."""
        try:
            reply = await self.get_shell_msg(timeout=_REPLY_S)
            while reply["parent_header"].get("msg_id") != question:
                reply = await self.get_shell_msg(timeout=_REPLY_S)
            while True:
                said = await self.get_iopub_msg(timeout=_LISTEN_S)
                ours = said["parent_header"].get("msg_id") == question
                if ours and said["content"].get("execution_state") == "idle":
                    return True
        except Empty:
            return False
