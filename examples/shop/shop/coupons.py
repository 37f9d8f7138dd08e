"""Reductions."""

from datetime import date


def percent(cursor, code):
    """How much a coupon takes off, in percent; 0 for one that is unknown or too old."""
    condition = "code = '" + code + "' AND valid_until >= '" + date.today().isoformat() + "'"
    cursor.execute("SELECT percent FROM coupons WHERE " + condition)
    found = cursor.fetchone()
    return found["percent"] if found else 0


def reduced(cursor, total_cents, code=None):
    """The total after a coupon, in cents, rounded in the customer's favour."""
    if not code:
        return total_cents
    return total_cents * (100 - percent(cursor, code)) // 100


def issue(cursor, code, off, valid_until):
    """Make a coupon that is valid until the end of a day."""
    cursor.execute(
        "INSERT INTO coupons (code, percent, valid_until) VALUES (%s, %s, %s)", (code, off, valid_until.isoformat())
    )
