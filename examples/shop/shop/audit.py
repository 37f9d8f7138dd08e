"""Who did what: every change is written down, in the log and in the database."""

import logging
from datetime import datetime, timezone

log = logging.getLogger("shop.audit")


def note(cursor, who, what, *details):
    """Write an entry. `what` is a text with a `%s` for each detail."""
    line = what % details
    log.info("%s: %s" % (who, line))
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    cursor.execute("INSERT INTO audit (at, who, what) VALUES (%s, %s, %s)", (at, who, line))


def status_changed(cursor, who, order_id, before, after):
    """Write down that an order moved on."""
    cursor.execute(
        "INSERT INTO audit (at, who, what) VALUES (%s, %s, %s)",
        (datetime.now(timezone.utc).isoformat(timespec="seconds"), who, f"order {order_id}: {before} -> {after}"),
    )


def entries(cursor, who):
    """All that one person did, the newest first."""
    cursor.execute("SELECT at, what FROM audit WHERE who = %s ORDER BY id DESC", (who,))
    return cursor.fetchall()
