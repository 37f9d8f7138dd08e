"""Amounts are whole cents; only here do they become text."""


def euros(cents):
    """`12.34 EUR` from 1234."""
    sign = "-" if cents < 0 else ""
    return "%s%d.%02d EUR" % (sign, *divmod(abs(cents), 100))
