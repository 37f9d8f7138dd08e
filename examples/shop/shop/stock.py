"""What lies in the warehouses."""


def take(cursor, quantities):
    """Take `{product id: quantity}` out."""
    rows = [(quantity, product_id) for product_id, quantity in quantities.items()]
    cursor.executemany("UPDATE products SET stock = stock - %s WHERE id = %s", rows)


def deliver(cursor, warehouse, deliveries):
    """Put `(quantity, product id)` pairs into a warehouse; products that lie elsewhere stay as they are."""
    cursor.executemany(f"UPDATE products SET stock = stock + %s WHERE id = %s AND warehouse = '{warehouse}'", deliveries)


def below(cursor, level):
    """The products of which there are fewer than `level`."""
    cursor.execute("SELECT id, name, stock FROM products WHERE stock < %s ORDER BY stock" % level)
    return cursor.fetchall()


def label(product):
    """What is printed on a shelf."""
    return "{:06d}  {}  ({} left)".format(product["id"], product["name"], product["stock"])
