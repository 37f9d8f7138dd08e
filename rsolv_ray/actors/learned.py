"""What has an org learned: which rules, in which states, and how did they come into them?"""

from __future__ import annotations

from collections.abc import Sequence

from rsolv_ray.actors.reach import Reach
from rsolv_ray.model.finding import FindingCounts
from rsolv_ray.model.ids import OrgId, RuleId
from rsolv_ray.model.page import Page
from rsolv_ray.model.pattern import Pattern
from rsolv_ray.model.rule import Rule, RuleState, RuleStep, RuleSummary


class Learned(Reach):
    """What a bank answers of rules."""

    async def rules(
        self,
        org: OrgId,
        states: frozenset[RuleState] | None,
        limit: int,
        cursor: str | None,
        *,
        text: str | None = None,
    ) -> Page[RuleSummary]:
        """The newest version of each rule, newest first: those in `states`, and those that name `text`, where given."""
        return await self._ask(org, "rules", states, limit, cursor, text=text)

    async def rule(self, org: OrgId, rule: RuleId, version: int | None = None) -> Rule:
        return await self._ask(org, "rule", rule, version)

    async def rule_versions(self, org: OrgId, rule: RuleId) -> tuple[RuleSummary, ...]:
        """The newest versions of a rule, newest first."""
        return await self._ask(org, "rule_versions", rule)

    async def rule_history(self, org: OrgId, rule: RuleId) -> tuple[RuleStep, ...]:
        """How a rule came into its state, oldest first."""
        return await self._ask(org, "rule_history", rule)

    async def rules_in_use(self, org: OrgId) -> tuple[Rule, ...]:
        """The rules that scans use, whole: the newest versions of those in `monitor` and `active`, oldest first."""
        return await self._ask(org, "scanning_rules")

    async def patterns(self, org: OrgId) -> tuple[Pattern, ...]:
        """The patterns with their vectors, oldest first; those of different encoders do not compare."""
        return await self._ask(org, "patterns")

    async def finding_counts(self, org: OrgId, rules: Sequence[RuleId]) -> dict[RuleId, FindingCounts]:
        """How the findings of these rules stand."""
        return await self._ask(org, "finding_counts", rules)

    async def change_rule_state(self, org: OrgId, rule: RuleId, to: RuleState, *, reason: str, by: str) -> Rule:
        """Move a rule to a state.

        Raises:
            Conflict: no way leads from its state to that one.
        """
        await self._tell(org, "change_rule_state", rule, to, reason=reason, by=by)
        return await self.rule(org, rule)
