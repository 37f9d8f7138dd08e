"""Which processes are there, in which order, and what happens when one ends?

A tree is data, written down once. Words, defaults and names of errors are OTP's; beyond OTP are `start_timeout_s`,
`back_off` (OTP restarts at once), and that an id is unique in the whole tree, because it is also the process's name.
Unlike OTP an unknown field is refused.
Source: erlang/otp, lib/stdlib/src/supervisor.erl, check_childspec/2 and check_flags/1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator, model_validator
from pydantic_core import PydanticCustomError

from rsolv_ray.model.noun import JsonObject, Noun


class Restart(StrEnum):
    """`permanent`: after every exit; `transient`: after an abnormal one; `temporary`: never, and its spec is forgotten."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    TEMPORARY = "temporary"


class Strategy(StrEnum):
    """Who is restarted when one ends: it alone, all, or it and those that were started after it."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"


def _named(error: str) -> WrapValidator:
    """Reports any fault of a field under the name that OTP has for it."""

    def check(value: object, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError as fault:
            reason = "; ".join(str(each["msg"]) for each in fault.errors())
            raise PydanticCustomError(
                "otp", "{name}: {value} ({reason})", {"name": error, "value": repr(value)[:100], "reason": reason}
            ) from None

    return WrapValidator(check)


ChildId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]*(/[A-Za-z0-9_.-]+)?$", max_length=200), _named("invalid_id")]
"""`kind` or `kind/key`, as in `control` and `bank/0`."""
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Shutdown = Annotated[
    Literal["brutal", "infinity"] | Annotated[float, Field(ge=0, allow_inf_nan=False)], _named("invalid_shutdown")
]
"""How a child is stopped: killed at once, asked and waited for without limit, or asked, waited so many seconds, killed."""


class StartSpec(Noun):
    """What runs in the process: `class` as `module:Class`, its keyword arguments as JSON, and options of its Ray actor."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    class_path: str = Field(alias="class", pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    args: JsonObject = Field(default_factory=dict)
    options: JsonObject = Field(default_factory=dict)


class ChildSpec(Noun):
    """A worker. `start_timeout_s` is how long it may take until it says that it is ready."""

    type: Literal["worker"] = "worker"
    id: ChildId
    start: Annotated[StartSpec, _named("invalid_start")]
    restart: Annotated[Restart, _named("invalid_restart_type")] = Restart.PERMANENT
    shutdown: Shutdown = 5.0
    start_timeout_s: Annotated[Seconds, _named("invalid_start_timeout")] = 60.0

    @model_validator(mode="before")
    @classmethod
    def _has_id_and_start(cls, data: Any) -> Any:
        _require(data, "id", "start")
        return data


class BackOff(Noun):
    """Waits between failed attempts at a start: `first_s`, doubled up to `most_s`, each shortened by up to half.

    Beyond OTP, which tries again at once.
    """

    first_s: Seconds = 0.01
    most_s: Seconds = 30.0


class SupervisorSpec(Noun):
    """A supervisor: its children in the order in which they are started; they are stopped in reverse order.

    It gives up after more than `intensity` restarts within `period_s` seconds; failed attempts count.
    """

    type: Literal["supervisor"] = "supervisor"
    id: ChildId
    strategy: Annotated[Strategy, _named("invalid_strategy")] = Strategy.ONE_FOR_ONE
    intensity: Annotated[int, Field(ge=0), _named("invalid_intensity")] = 1
    period_s: Annotated[Seconds, _named("invalid_period")] = 5.0
    restart: Annotated[Restart, _named("invalid_restart_type")] = Restart.PERMANENT
    back_off: BackOff | None = None
    children: tuple[Annotated[ChildSpec | SupervisorSpec, Field(discriminator="type")], ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _has_id(cls, data: Any) -> Any:
        _require(data, "id")
        return data

    @model_validator(mode="after")
    def _names_each_child_once(self) -> Self:
        repeated = [name for name, times in Counter(spec.id for spec in walk(self)).items() if times > 1]
        if repeated:
            raise PydanticCustomError("otp", "duplicate_child_name: {name}", {"name": ", ".join(repeated)})
        return self


Spec = ChildSpec | SupervisorSpec


def walk(spec: Spec) -> Iterator[Spec]:
    """The spec and all below it, in start order, a supervisor before its children."""
    yield spec
    if isinstance(spec, SupervisorSpec):
        for child in spec.children:
            yield from walk(child)


def _require(data: object, *names: str) -> None:
    missing = [name for name in names if isinstance(data, Mapping) and name not in data]
    if missing:
        raise PydanticCustomError("otp", "{name}", {"name": f"missing_{missing[0]}"})
