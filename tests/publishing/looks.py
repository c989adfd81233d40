"""Ledgers written by hand: a version of the terms, its looks and what came of them."""

from datetime import timedelta
from typing import Any

from workbench.core.clock import format_instant, parse_instant
from workbench.core.track import Memory
from workbench.publishing.track import remember
from workbench.takeaways.ledger import Line, chain
from workbench.takeaways.record import Record, fold

TERMS = {
    "name": "gap",
    "estimand": "difference_in_proportions",
    "population": "Customers on the first day of a month.",
    "unit": "customer",
    "occurrence": "month",
    "direction": "greater",
    "margin": 0.1,
    "alpha": 0.05,
    "planned_occurrences": 20_000,
    "settlement_size": 1_000,
}
TRADE, NOT, YET = "trade", "do not trade", "no trade yet"


def later(as_of: str, days: int) -> str:
    return format_instant(parse_instant(as_of) + timedelta(days=days))


class Ledger:
    """One study's ledger, line by line."""

    def __init__(self, study: str = "early-birds") -> None:
        self.study = study
        self.lines: list[Line] = []
        self.seal = ""

    def _add(self, entry: dict[str, Any]) -> "Ledger":
        self.lines.append(chain(self.lines, entry))
        return self

    def registered(
        self, seal: str = "a" * 64, variants: tuple[str, ...] = (), **terms: Any
    ) -> "Ledger":
        self.seal = seal
        others: dict[str, Any] = {name: {} for name in variants}
        sealed = {"claims": [TERMS | terms], "variants": others}
        entry = {"line": "registered", "seal": seal, "sealed": sealed}
        return self._add({**entry, "looked_until": "1998-03-01T00:00:00Z"})

    def _key(self, as_of: str, variant: str) -> dict[str, str]:
        moment = format_instant(parse_instant(as_of))
        return {
            "seal": self.seal,
            "variant": variant,
            "as_of": moment,
            "claim": "gap",
        }

    def claimed(  # noqa: PLR0913 - each test says one or two of them
        self,
        as_of: str,
        low: float | None,
        high: float | None,
        verdict: str = TRADE,
        *,
        probability: float | None = 0.6,
        foreseen: tuple[float, float] = (0.1, 0.2),
        log_e: float | None = 0.0,
        replay: bool = False,
        variant: str = "base",
        text: str = "They come back more often.",
        accepted: str = "",
        after: "tuple[Ledger, ...] | None" = None,
        terms: dict[str, Any] | None = None,
    ) -> "Ledger":
        middle = None if low is None or high is None else (low + high) / 2
        values: dict[str, Any] = {
            "estimate": middle,
            "low": low,
            "high": high,
            "level": 0.95,
            "interval": "confidence sequence",
            "measure": "share",
            "n": 4_321,
            "units": 4_000,
            "information": 4_000.0,
            "se": 0.02,
            "log_e": log_e,
            "planned": 20_000,
            "groups": [],
            "verdict": verdict,
            "takeaway_verdict": verdict,
        }
        forecast = {
            "opens": format_instant(parse_instant(as_of)),
            "horizon": "P30D",
            "size": 1_000,
            "deadline": later(as_of, 365),
            "settles_on": "new units",
            "mean": sum(foreseen) / 2,
            "sd": (foreseen[1] - foreseen[0]) / 2 / 1.2815515655446004,
            "level": 0.8,
            "low": foreseen[0],
            "high": foreseen[1],
            "probability": probability,
            "known": 1,
            "tau": None,
            "drift": 0.0,
        }
        entry = {
            "line": "claimed",
            "key": self._key(as_of, variant),
            "study": self.study,
            "replay": replay,
            "terms": TERMS | (terms or {}),
            "values": values,
            "text": {"claim": text},
            "notebook": "b" * 64,
            "views": {},
        }
        if probability is not None:
            entry["forecast"] = forecast
        if accepted:
            entry["accepted"] = accepted
        if after is not None:
            entry["heads"] = {
                each.study: {"line": len(each.lines), "hash": each.lines[-1]["hash"]}
                for each in after
            }
        return self._add(entry)

    def settled(
        self,
        as_of: str,
        estimate: float | None,
        outcome: str,
        *,
        on: str = "",
        reason: str | None = None,
        variant: str = "base",
    ) -> "Ledger":
        fresh = {
            "as_of": format_instant(parse_instant(on)) if on else later(as_of, 31),
            "estimate": estimate,
            "se": None if estimate is None else 0.02,
            "n": 1_000 if estimate is not None else 12,
            "units": 1_000,
            "first": format_instant(parse_instant(as_of)) if estimate else None,
            "last": format_instant(parse_instant(as_of)) if estimate else None,
            "reason": reason,
            "held": None if estimate is None else estimate > 0.1,
            "scores": {}
            if estimate is None
            else {"brier": 0.1, "log": 0.2, "interval": 0.3, "crps": 0.02},
        }
        key = self._key(as_of, variant)
        return self._add(
            {"line": "settled", "key": key, "outcome": outcome, "settled": fresh}
        )

    def withdrawn(self, as_of: str, why: str) -> "Ledger":
        key = self._key(as_of, "base")
        return self._add({"line": "withdrawn", "key": key, "why": why})

    def recomputed(self, as_of: str, low: float, high: float) -> "Ledger":
        values = {"estimate": (low + high) / 2, "low": low, "high": high, "n": 4_300}
        key = self._key(as_of, "base")
        return self._add({"line": "recomputed", "key": key, "values": values})


def folded(*ledgers: Ledger) -> dict[str, Record]:
    return {each.study: fold(each.study, each.lines) for each in ledgers}


def remembered(*ledgers: Ledger) -> Memory:
    return remember(folded(*ledgers), {each.study: each.lines for each in ledgers})
