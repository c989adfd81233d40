"""How often and how patiently a tick goes about a study: which slots, which pauses."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from workbench.core.canonical import sha256_of_value
from workbench.core.registration import CatchUp
from workbench.scheduling.slots import Cadence

_SCATTER = 1 << 16
_DOUBLINGS = 20  # of a second are twelve days


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patiently a tick goes about it.

    Attributes:
        attempts: Runs of one and the same, where time or the disk ran out.
        retry_after: Before the second of them; doubled before each later one.
        retry_at_most: Where doubling ends.
        quiet: How long data must have been still before a revision is made of them.
        revision_after: Between two runs of one slot.
    """

    attempts: int
    retry_after: timedelta
    retry_at_most: timedelta
    quiet: timedelta
    revision_after: timedelta

    def pause(self, run_id: str, attempt: int) -> timedelta:
        """How long to wait after an attempt: doubled each time, and scattered.

        Between half and one and a half of it, by the run's identity: many that failed
        at once do not come back at once, and a plan says what the tick will do.
        """
        digest = sha256_of_value([run_id, attempt])
        scatter = int(digest[:4], 16) / _SCATTER  # 0 to 1
        doublings = min(attempt - 1, _DOUBLINGS)
        usual = min(self.retry_after * 2.0**doublings, self.retry_at_most)
        return usual * (0.5 + scatter)


def made_up(
    catch_up: CatchUp,
    cadence: Cadence,
    done: datetime | None,
    until: datetime,
    before: datetime | None,
) -> list[datetime]:
    """The slots to run up to a moment, where some may have passed unseen.

    Args:
        catch_up: `latest`: the newest alone; `all`: each since the last that ran, which
            is the newest where none did; `none`: the newest, if its data became
            complete since the tick before, else the last that ran.
        cadence: When slots come.
        done: The last slot that ran; None where none did.
        until: The moment.
        before: Up to when slots had come at the tick before; None at the first, which
            runs the newest.
    """
    newest = cadence.newest(until)
    if catch_up == "all" and done is not None:
        return cadence.between(done, until)
    if catch_up == "none" and before is not None and newest <= before:
        return [done] if done is not None else []
    return [newest]
