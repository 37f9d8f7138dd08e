"""What do all nouns have in common? They are frozen, refuse unknown fields and wrong values, and read and write JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

JsonObject = dict[str, JsonValue]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0)]


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class Noun(BaseModel):
    """A frozen value."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings", hide_input_in_errors=True)


class Told(Noun):
    """A frozen value that is kept, or sent to programs of other versions: they ignore fields that they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
