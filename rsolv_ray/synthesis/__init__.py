"""From a fix to candidates for rules: syntax, edits, forms. Nothing here runs a rule."""

from rsolv_ray.synthesis.propose import Proposals, propose

__all__ = ["Proposals", "propose"]
