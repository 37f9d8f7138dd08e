"""A shop with something in it, for tests and for trying out."""

from datetime import date, timedelta

from shop import catalogue, coupons, customers
from shop.database import Database
from shop.reviews import Reviews

TEAS = (
    ("Assam", "black", 890, 40),
    ("Darjeeling", "black", 1250, 12),
    ("Gunpowder", "green", 760, 55),
    ("Sencha", "green", 1120, 8),
    ("Rooibos", "herbal", 540, 70),
)


def filled(path=":memory:"):
    """A new database with products, two customers, a review and a coupon."""
    database = Database(path)
    with database.transaction() as cursor:
        for name, category, price_cents, stock in TEAS:
            catalogue.add_product(cursor, name, category, price_cents, stock)
        ada = customers.register(cursor, "ada@example.org", "Ada", "Bremen", "correct horse")
        customers.register(cursor, "max@example.org", "Max", "Leipzig", "battery staple")
        Reviews(cursor).write(1, ada, 5, "Strong, as it should be")
        coupons.issue(cursor, "SPRING", 10, date.today() + timedelta(days=30))
    return database
