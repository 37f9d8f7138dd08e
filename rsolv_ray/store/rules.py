"""Which rules has an org, in which state, with which proof?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import Conflict, NotFound
from rsolv_ray.model.events import Event, Recorded, RuleAccepted, RuleMerged, RuleStateChanged
from rsolv_ray.model.ids import RuleId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.page import Page
from rsolv_ray.model.rule import SCANNING_STATES, TRANSITIONS, Rule, RuleState, RuleStep, RuleSummary
from rsolv_ray.store.connection import Row, as_moment, as_stored
from rsolv_ray.store.cursor import checked, page_of, place_of
from rsolv_ray.store.file import Change, OrgFile
from rsolv_ray.store.queries import load

MOST_VERSIONS = 100
_SQL = load("rules")


class Rules(OrgFile):
    """Rules of an org. The state is the rule's, whatever its version; versions are only added."""

    def change_rule_state(
        self, rule: RuleId, to: RuleState, *, reason: str, by: str, now: datetime, writer: Writer
    ) -> tuple[Recorded, ...]:
        """Move a rule to a state. One that is in it already stays as it is, and nothing is told.

        Raises:
            NotFound: there is no such rule.
            Conflict: there is no way from its state to that one.
        """
        before = self._state_of(rule)
        if before is to:
            return ()
        if to not in TRANSITIONS[before]:
            ways = ", ".join(sorted(TRANSITIONS[before]))
            raise Conflict(f"rule {rule} is {before}: from there it may become {ways}, not {to}")
        with self._change(now=now, writer=writer) as change:
            self._add_state(change, rule, to, reason=reason, by=by)
            return change.append([RuleStateChanged(rule=rule, before=before, after=to, reason=reason, by=by)])

    def rules(
        self,
        states: frozenset[RuleState] | None = None,
        limit: int = 50,
        cursor: str | None = None,
        *,
        text: str | None = None,
    ) -> Page[RuleSummary]:
        """The newest version of each rule, newest first, those in `states` alone where given; with `text`, those that
        have it in their name, message, weaknesses, languages or form, in whatever case."""
        number, name = place_of(cursor)
        rows = self._db.rows(
            _SQL["page"],
            number=number,
            name=name,
            states=None if states is None else sorted(states),
            text=None if text is None else text.lower(),
            limit=checked(limit) + 1,
        )
        return page_of(rows, limit, _summary, place=lambda row: (row[2], row[3]))

    def rule(self, rule: RuleId, version: int | None = None) -> Rule:
        """A rule with its present state: one version of it, or the newest.

        Raises:
            NotFound: there is no such rule or version.
        """
        row = self._db.row(_SQL["version"], id=rule, version=version)
        if row is None:
            raise NotFound(f"there is no rule {rule}" + (f" of version {version}" if version is not None else ""))
        return _rule(row)

    def rule_versions(self, rule: RuleId) -> tuple[RuleSummary, ...]:
        """The versions of a rule, the newest `MOST_VERSIONS` of them, newest first, each in the rule's present state.

        Raises:
            NotFound: there is no such rule.
        """
        rows = self._db.rows(_SQL["versions"], id=rule, limit=MOST_VERSIONS)
        if not rows:
            raise NotFound(f"there is no rule {rule}")
        return tuple(_summary(row) for row in rows)

    def rule_history(self, rule: RuleId) -> tuple[RuleStep, ...]:
        """How a rule came into its state, oldest first; nothing for one that is not known."""
        rows = self._db.rows(_SQL["history"], rule=rule)
        return tuple(
            RuleStep(state=RuleState(state), reason=reason, by=by, at=as_moment(at)) for state, reason, by, at in rows
        )

    def scanning_rules(self) -> tuple[Rule, ...]:
        """The rules that scans use: the newest versions of those in `monitor` and `active`, oldest first."""
        return tuple(_rule(row) for row in self._db.rows(_SQL["in_states"], states=list(SCANNING_STATES)))

    def _numbered(self, rules: Sequence[Rule]) -> tuple[Rule, ...]:
        """The rules in the versions that they get here.

        A version that is taken by another definition is not given again: the rule gets the version under which its own
        definition is stored, or the next free one.
        """
        taken: dict[RuleId, dict[int, JsonObject]] = {rule.id: {} for rule in rules}
        for name, version, definition in self._db.rows(_SQL["definitions"], ids=list(taken)) if taken else ():
            taken[RuleId(name)][version] = json.loads(definition)
        numbered: list[Rule] = []
        for rule in rules:
            version = _version_among(taken[rule.id], rule)
            taken[rule.id].setdefault(version, rule.definition)
            numbered.append(rule if version == rule.version else rule.model_copy(update={"version": version}))
        return tuple(numbered)

    def _add_rules(self, change: Change, rules: Sequence[Rule]) -> None:
        """Store rules that are not stored yet: a new one in the state that it bears, a new version in the rule's own."""
        by_key = {f"{rule.id}@{rule.version}": rule for rule in rules}
        known = {key for (key,) in self._db.rows(_SQL["known"], keys=list(by_key))} if by_key else set()
        for rule in (one for key, one in by_key.items() if key not in known):
            self._db.run(
                _SQL["add"],
                id=rule.id,
                version=rule.version,
                revision=change.revision,
                effectiveness=rule.quality.effectiveness,
                created_at=as_stored(rule.created_at),
                summary=rule.summary().model_dump_json(),
                body=rule.model_dump_json(),
            )
            row = self._db.row(_SQL["state"], rule=rule.id)
            state, reason = (rule.state, "learned") if row is None else (RuleState(row[0]), f"version {rule.version}")
            self._add_state(change, rule.id, state, reason=reason, by=rule.proposer)

    def _add_state(self, change: Change, rule: RuleId, state: RuleState, *, reason: str, by: str) -> None:
        self._db.run(
            _SQL["add_state"],
            rule=rule,
            state=state,
            reason=reason,
            changed_by=by,
            changed_at=as_stored(change.now),
            revision=change.revision,
        )

    def _state_of(self, rule: RuleId) -> RuleState:
        row = self._db.row(_SQL["state"], rule=rule)
        if row is None:
            raise NotFound(f"there is no rule {rule}")
        return RuleState(row[0])


def telling(events: Sequence[Event], rules: Sequence[Rule], numbered: Sequence[Rule]) -> tuple[Event, ...]:
    """The events of a batch, telling of its rules in the versions that these got: the first of a name of the first."""
    given: dict[tuple[RuleId, int], list[int]] = {}
    for rule, stored in zip(rules, numbered, strict=True):
        given.setdefault((rule.id, rule.version), []).append(stored.version)
    return tuple(_telling(event, given) for event in events)


def _telling(event: Event, given: dict[tuple[RuleId, int], list[int]]) -> Event:
    if not isinstance(event, RuleAccepted | RuleMerged):
        return event
    versions = given.get((event.rule.id, event.rule.version))
    if not versions:
        return event
    version = versions.pop(0) if len(versions) > 1 else versions[0]
    return event.model_copy(update={"rule": event.rule.model_copy(update={"version": version})})


def _version_among(taken: dict[int, JsonObject], rule: Rule) -> int:
    if taken.get(rule.version, rule.definition) == rule.definition:
        return rule.version
    same = [version for version, definition in taken.items() if definition == rule.definition]
    return max(same) if same else max(taken) + 1


def _rule(row: Row) -> Rule:
    body, state = row
    return Rule.model_validate_json(body).model_copy(update={"state": RuleState(state)})


def _summary(row: Row) -> RuleSummary:
    return RuleSummary.model_validate_json(row[0]).model_copy(update={"state": RuleState(row[1])})
