"""Does every noun that travels come back as it went?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.events import EVENT
from rsolv_ray.model.finding import Finding
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.rule import Rule
from tests.unit.model.strategies import BATCHES, EVENTS, FINDINGS, FIXES, RULES, events


@given(FIXES)
def test_a_fix_comes_back_as_it_went_with_its_id(fix: Fix) -> None:
    back = Fix.model_validate_json(fix.model_dump_json())
    assert back == fix
    assert back.id == fix.id


@given(FIXES, FIXES)
def test_fixes_have_one_id_if_and_only_if_they_say_the_same(one: Fix, other: Fix) -> None:
    said = [fix.model_dump(include={"changes", "cwe", "rule", "context"}) for fix in (one, other)]
    assert (one.id == other.id) == (said[0] == said[1])


@given(FIXES, st.text(max_size=5))
def test_a_fix_told_with_another_title_is_the_same_fix(fix: Fix, title: str) -> None:
    assert fix.model_copy(update={"title": title, "scan": not fix.scan}).id == fix.id


@settings(max_examples=50)
@given(RULES)
def test_a_rule_comes_back_as_it_went(rule: Rule) -> None:
    assert Rule.model_validate_json(rule.model_dump_json()) == rule


@given(FINDINGS)
def test_a_finding_comes_back_as_it_went(finding: Finding) -> None:
    assert Finding.model_validate_json(finding.model_dump_json()) == finding


@settings(max_examples=30)
@given(BATCHES)
def test_a_batch_comes_back_as_it_went(batch: Batch) -> None:
    assert Batch.model_validate_json(batch.model_dump_json()) == batch


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@settings(max_examples=15)
@given(data=st.data())
def test_an_event_comes_back_as_it_went(kind: type[BaseModel], data: st.DataObject) -> None:
    event = data.draw(events(kind))
    back = EVENT.validate_json(event.model_dump_json())
    assert type(back) is kind
    assert back == event
