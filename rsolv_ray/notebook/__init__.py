"""How does a researcher work with a running system? In a notebook, synchronously, with tables and plots.

from rsolv_ray.notebook import open_system
rsolv = open_system()
acme = rsolv.org("acme")
"""

from rsolv_ray.notebook.opening import open_system
from rsolv_ray.notebook.organisation import Organisation
from rsolv_ray.notebook.system import System

__all__ = ["Organisation", "System", "open_system"]
