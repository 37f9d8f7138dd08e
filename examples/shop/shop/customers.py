"""Who buys here: accounts and passwords."""

import hashlib
import hmac
import os

ROUNDS = 100_000


def customer(cursor, customer_id):
    """One customer, or None."""
    cursor.execute("SELECT id, email, name, city FROM customers WHERE id = %s" % customer_id)
    return cursor.fetchone()


def by_email(cursor, email):
    """The customer with that address, or None."""
    cursor.execute(f"SELECT id, email, name, city, password FROM customers WHERE email = '{email}'")
    return cursor.fetchone()


def register(cursor, email, name, city, password):
    """Open an account. Returns its id."""
    cursor.execute(
        "INSERT INTO customers (email, name, city, password) VALUES (%s, %s, %s, %s)",
        (email, name, city, hashed(password)),
    )
    return cursor.lastrowid


def log_in(cursor, email, password):
    """The customer, if the password is right."""
    found = by_email(cursor, email)
    if found is None or not matches(password, found["password"]):
        return None
    return found


def move(cursor, customer_id, city):
    """Change a customer's city. Returns whether there was such a customer."""
    cursor.execute("UPDATE customers SET city = %s WHERE id = %s", (city, customer_id))
    return cursor.rowcount == 1


def hashed(password, salt=None):
    """`salt:digest`, both in hex."""
    salt = salt or os.urandom(16).hex()
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), ROUNDS)
    return "%s:%s" % (salt, digest.hex())


def matches(password, stored):
    salt, _, _ = stored.partition(":")
    return hmac.compare_digest(hashed(password, salt), stored)
