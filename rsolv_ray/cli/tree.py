"""What runs, under whose care? The supervision tree, for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rsolv_ray.cli.console import console, show_json
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, Url

if TYPE_CHECKING:
    from rich.tree import Tree


def tree(*, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Show the supervised processes as they are now."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        nodes = service.get("tree")["items"]
    if as_json:
        show_json(nodes)
        return
    for node in nodes:
        console().print(_branch(node))


def _branch(node: dict[str, Any]) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    facts = [
        node["state"],
        f"generation {node['generation']}" if node.get("generation") is not None else "",
        f"pid {node['pid']}" if node.get("pid") else "",
        node.get("restart", ""),
        f"restarts left: {node['restarts_left']}" if node.get("restarts_left") is not None else "",
        f"last exit: {node['last_exit']}" if node.get("last_exit") else "",
    ]
    branch = Tree(Text(f"{node['id']}  {', '.join(filter(None, facts))}"))
    for child in node.get("children", ()):
        branch.children.append(_branch(child))
    return branch
