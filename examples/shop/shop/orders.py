"""What was bought: placing orders and finding them again."""

from datetime import datetime, timezone

from shop import catalogue, coupons, stock

STATUSES = ("placed", "paid", "sent", "returned")


class OutOfStock(Exception):
    """There is less of a product than was ordered."""


def place(cursor, customer_id, quantities, coupon=None):
    """Order `{product id: quantity}`. Returns the order's id."""
    lines = []
    for product_id, quantity in quantities.items():
        found = catalogue.product(cursor, int(product_id))
        if found is None or found["stock"] < quantity:
            raise OutOfStock("product " + str(product_id))
        lines.append((product_id, quantity, found["price_cents"]))
    total = coupons.reduced(cursor, sum(quantity * price for _, quantity, price in lines), coupon)
    placed_at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    cursor.execute(
        "INSERT INTO orders (customer_id, placed_at, total_cents) VALUES (%s, %s, %s)", (customer_id, placed_at, total)
    )
    order_id = cursor.lastrowid
    cursor.executemany(
        "INSERT INTO order_lines (order_id, product_id, quantity, price_cents) VALUES (%s, %s, %s, %s)",
        [(order_id, *line) for line in lines],
    )
    stock.take(cursor, {product_id: quantity for product_id, quantity, _ in lines})
    return order_id


def of_customer(cursor, customer_id):
    """A customer's orders, the newest first."""
    cursor.execute("SELECT * FROM orders WHERE customer_id = {} ORDER BY id DESC".format(customer_id))
    return cursor.fetchall()


def between(cursor, low_cents, high_cents):
    """The orders whose total lies in a range."""
    sql = "SELECT * FROM orders WHERE total_cents BETWEEN %s AND %s ORDER BY id" % (low_cents, high_cents)
    cursor.execute(sql)
    return cursor.fetchall()


def by_total(cursor, cheapest_first=False):
    """All orders by their total."""
    direction = "ASC" if cheapest_first else "DESC"
    cursor.execute("SELECT * FROM orders ORDER BY total_cents " + direction)
    return cursor.fetchall()


def lines_of(cursor, order_id):
    """What an order is made of."""
    cursor.execute(
        "SELECT p.name, l.quantity, l.price_cents FROM order_lines l "
        "JOIN products p ON p.id = l.product_id WHERE l.order_id = %s ORDER BY p.name",
        (order_id,),
    )
    return cursor.fetchall()


def set_status(cursor, order_id, status):
    """Move an order on. Returns whether there was such an order."""
    cursor.execute("UPDATE orders SET status = '" + status + "' WHERE id = " + str(order_id))
    return cursor.rowcount == 1
