"""Value objects survive the way to JSON and back, and nothing else does."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.takeaways.test_binding import gap
from workbench.core.canonical import canonical_json, rounded, sha256_of_value
from workbench.core.clock import (
    format_instant,
    parse_duration,
    parse_instant,
    show_instant,
)
from workbench.core.errors import ExitCode, UsageError, gravest
from workbench.core.evidence import Evidence
from workbench.core.records import from_plain, to_plain
from workbench.core.settings import read_settings


def test_evidence_survives_the_way_to_json_and_back() -> None:
    assert from_plain(Evidence, json.loads(canonical_json(to_plain(gap())))) == gap()


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"extra": 1}, "has no field extra"),
        ({"n": "12"}, "Evidence.n must be of type int"),
        ({"estimand": "median"}, "Evidence.estimand must be one of"),
        ({"groups": [{"label": "x"}]}, "lacks"),
    ],
)
def test_what_is_no_evidence_is_refused_without_showing_its_value(
    change: dict[str, object], part: str
) -> None:
    plain = to_plain(gap())
    assert isinstance(plain, dict)
    with pytest.raises(ValueError, match=part) as caught:
        from_plain(Evidence, {**plain, **change})
    assert "12" not in str(caught.value).replace("'1", "")


def test_a_missing_field_is_named() -> None:
    plain = to_plain(gap())
    assert isinstance(plain, dict)
    del plain["units"]
    with pytest.raises(ValueError, match="Evidence lacks units"):
        from_plain(Evidence, plain)


def test_a_field_added_later_has_its_default_in_older_records() -> None:
    plain = to_plain(gap())
    assert isinstance(plain, dict)
    del plain["window_effect"], plain["df"]
    assert from_plain(Evidence, plain) == gap()


def test_equal_content_has_one_hash_whatever_the_order() -> None:
    assert sha256_of_value({"a": 1, "b": [2]}) == sha256_of_value({"b": [2], "a": 1})
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"é","b":1}'
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json(math.nan)


@given(st.floats(-1e300, 1e300))
def test_rounding_twice_is_rounding_once_and_stays_near(value: float) -> None:
    once = rounded(value)
    assert once is not None
    assert rounded(once) == once
    assert math.isclose(once, value, rel_tol=1e-9, abs_tol=1e-300)


def test_what_is_not_finite_is_not_a_number() -> None:
    assert [rounded(x) for x in (math.nan, math.inf, None)] == [None, None, None]


def test_instants_are_utc_whatever_offset_they_come_in() -> None:
    paris = datetime(1998, 7, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert format_instant(paris) == "1998-07-01T00:00:00Z"
    assert show_instant(paris) == "1998-07-01"
    assert parse_instant("1998-07-01T02:00:00+02:00") == paris
    assert parse_instant("1998-07-01") == datetime(1998, 7, 1, tzinfo=UTC)


def test_durations_of_varying_length_are_refused() -> None:
    assert parse_duration("P1W2DT3H") == timedelta(days=9, hours=3)
    for text in ("P1M", "P1Y", "P", "PT", "30 days"):
        with pytest.raises(ValueError, match="ISO 8601 duration"):
            parse_duration(text)


def test_of_several_exit_codes_the_gravest_wins() -> None:
    order = [2, 70, 65, 77, 1, 124, 75, 0]
    for at, code in enumerate(order):
        assert gravest(ExitCode(c) for c in reversed(order[at:])) == code
    assert gravest([]) is ExitCode.OK


def test_every_wrong_setting_is_told_at_once(tmp_path) -> None:
    wrong = 'run_deadlin_s = 3\nmemory_mb = "big"\nport = 0\n'
    (tmp_path / "workbench.toml").write_text(wrong)
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path, {})
    messages = [reason.message for reason in caught.value.reasons]
    assert len(messages) == 3
    assert "Did you mean run_deadline_s?" in messages[0]


def test_the_environment_wins_over_the_file(tmp_path) -> None:
    (tmp_path / "workbench.toml").write_text("memory_mb = 100\nport = 9000\n")
    assert read_settings(tmp_path, {"WB_PRELOAD_FROM": "0"}).preload_from == 0
    settings = read_settings(tmp_path, {"WB_PORT": "9001", "WB_RUN": "/x"})
    assert (settings.memory_mb, settings.port) == (100, 9001)


OTHERS = ("WB_RUN", "WB_REQUIRE_ALL", "WB_UPDATE_GOLDEN", "WB_UNRELATED")


def test_a_wrong_variable_is_told_as_the_environments_mistake(tmp_path) -> None:
    variables = {"WB_PROT": "1", "WB_PORT": "x"}
    with pytest.raises(UsageError) as caught:
        read_settings(tmp_path, {**variables, **dict.fromkeys(OTHERS, "1")})
    told = [(reason.subject, reason.message) for reason in caught.value.reasons]
    assert told == [
        ("the environment", "there is no setting 'WB_PROT'. Did you mean WB_PORT?"),
        ("the environment", "WB_PORT must be int, not 'x'."),
    ]


def test_the_key_file_is_absolute_or_in_a_home(tmp_path) -> None:
    read = read_settings(tmp_path, {"WB_KEY_FILE": "~/key", "HOME": "/h"})
    assert Path(read.key_file) == Path("~/key").expanduser()
    for wrong in ("key", "./key", "~nobody-of-that-name/key"):
        with pytest.raises(UsageError, match="absolute"):
            read_settings(tmp_path, {"WB_KEY_FILE": wrong})


def test_a_changed_copy_has_another_hash() -> None:
    assert sha256_of_value(to_plain(gap())) != sha256_of_value(
        to_plain(replace(gap(), n=1201))
    )
