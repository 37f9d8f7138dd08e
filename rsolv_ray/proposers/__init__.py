"""Language models as further proposers of rules: asked over the network, off unless somebody names one."""

from rsolv_ray.proposers.models import ModelName, Models
from rsolv_ray.proposers.proposing import Asked, ask_models

__all__ = ["Asked", "ModelName", "Models", "ask_models"]
