"""Is the wire what it was? A JSON file for each event, as readers may have stored it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsolv_ray.model.events import EVENT, Recorded, RuleAccepted, work_of
from tests.unit.model.strategies import EVENTS

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(kind.__name__ for kind in EVENTS)


def test_every_event_has_a_golden_file_and_no_file_is_without_one() -> None:
    assert sorted(file.stem for file in GOLDEN.glob("*.json")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_event_reads_and_writes_its_golden_file(name: str) -> None:
    said = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    event = EVENT.validate_python(said)
    assert type(event).__name__ == name
    assert json.loads(event.model_dump_json()) == said


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_file_tells_every_field_of_its_event(name: str) -> None:
    said = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    (kind,) = (kind for kind in EVENTS if kind.__name__ == name)
    assert said.keys() == kind.model_fields.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_field_that_a_reader_does_not_know_is_passed_over(name: str) -> None:
    said = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    assert EVENT.validate_python({**said, "added_later": 1}) == EVENT.validate_python(said)


def test_a_rule_told_before_clean_code_was_asked_has_an_unknown_density() -> None:
    said = json.loads((GOLDEN / "RuleAccepted.json").read_text("utf-8"))
    del said["rule"]["density"]
    event = EVENT.validate_python(said)
    assert isinstance(event, RuleAccepted)
    assert event.rule.density is None


@pytest.mark.parametrize("name", NAMES)
def test_an_event_with_a_cycle_belongs_to_it(name: str) -> None:
    said = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    told = Recorded.model_validate(
        {"org": "01JD3Z6Q4T8V5W2X9Y7A1B0C3D", "sequence": 1, "at": "2026-11-21T12:00:00Z", "event": said}
    )
    assert told.name == name
    assert work_of(told.event) == said.get("cycle", said.get("work"))


def test_the_events_of_a_free_standing_scan_belong_to_the_scan() -> None:
    said = json.loads((GOLDEN / "FindingOpened.json").read_text("utf-8"))
    assert work_of(EVENT.validate_python({**said, "cycle": None})) == said["scan"]
