"""What was learned? The org's rules, as JSON with their proof or as YAML that Semgrep runs."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from rsolv_ray.api.accept import preferred
from rsolv_ray.api.auth import Author, Reader, Steward
from rsolv_ray.api.paging import Paging
from rsolv_ray.api.paths import OF_ORG
from rsolv_ray.api.wire import RuleStateIn, RuleValidationIn
from rsolv_ray.engine.rules.configuration import dump_rules, read_rules
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.ids import RuleId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.page import Page
from rsolv_ray.model.report import ValidationReport
from rsolv_ray.model.rule import Rule, RuleState, RuleSummary

YAML = "application/yaml"

router = APIRouter(prefix=OF_ORG + "/rules", tags=["rules"])


@router.get("")
async def list_rules(
    visit: Reader, paging: Paging, state: Annotated[list[RuleState] | None, Query(max_length=4)] = None
) -> Page[RuleSummary]:
    return await visit.house.rules(visit.org.id, frozenset(state) if state else None, *paging)


@router.post("/validate")
async def validate_rule(body: RuleValidationIn, visit: Author) -> ValidationReport:
    """Judge any rule on any cases. Nothing is stored."""
    definition = await asyncio.to_thread(_only_rule, body.rule)
    return await visit.house.validate_rule(definition, tuple(case.noun() for case in body.cases))


@router.get("/{rule}.yaml", response_class=Response, responses={200: {"content": {YAML: {}}}})
async def show_rule_as_yaml(rule: RuleId, visit: Reader) -> Response:
    """One rule as a Semgrep configuration: `semgrep scan --config rule.yaml` runs it."""
    return _yaml(await visit.house.rule(visit.org.id, rule))


@router.get("/{rule}", response_model=Rule, responses={200: {"content": {YAML: {}}}})
async def show_rule(
    rule: RuleId, visit: Reader, request: Request, version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> Rule | Response:
    """One rule with its proof; with `Accept: application/yaml` as a Semgrep configuration."""
    known = await visit.house.rule(visit.org.id, rule, version)
    return _yaml(known) if preferred(request, ("application/json", YAML)) == YAML else known


@router.post("/{rule}/state")
async def change_rule_state(rule: RuleId, body: RuleStateIn, visit: Steward) -> Rule:
    return await visit.house.change_rule_state(visit.org.id, rule, body.state, reason=body.reason, by=visit.by)


def _yaml(rule: Rule) -> Response:
    return Response(dump_rules([rule.definition]), media_type=YAML)


def _only_rule(given: JsonObject | str) -> JsonObject:
    if isinstance(given, dict) and "rules" not in given:
        return given
    rules = read_rules(given if isinstance(given, str) else json.dumps(given))
    if len(rules) != 1:
        raise Rejected(f"one rule is judged at a time, but {len(rules)} were sent")
    return rules[0]
