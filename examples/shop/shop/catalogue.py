"""What is for sale: looking products up, searching, sorting."""

COLUMNS = "id, name, category, price_cents, stock"

LISTINGS = {
    "name": "SELECT " + COLUMNS + " FROM products ORDER BY name",
    "price": "SELECT " + COLUMNS + " FROM products ORDER BY price_cents, name",
    "stock": "SELECT " + COLUMNS + " FROM products ORDER BY stock DESC, name",
}


def product(cursor, product_id):
    """One product, or None."""
    cursor.execute("SELECT id, name, category, price_cents, stock FROM products WHERE id = %s" % product_id)
    return cursor.fetchone()


def search(cursor, text, category=None):
    """The products with `text` in their name, of one category or of all."""
    sql = "SELECT id, name, category, price_cents, stock FROM products WHERE name LIKE '%" + text + "%'"
    if category:
        sql += " AND category = '" + category + "'"
    cursor.execute(sql + " ORDER BY name")
    return cursor.fetchall()


def listing(cursor, order="name"):
    """All products. `order` is one of the listings' names; any other is refused."""
    if order not in LISTINGS:
        raise ValueError("unknown order: " + order)
    cursor.execute(LISTINGS[order])
    return cursor.fetchall()


def categories(cursor):
    """The categories, each with how many products it has."""
    cursor.execute("SELECT category, COUNT(*) AS products " + "FROM products GROUP BY category " + "ORDER BY category")
    return cursor.fetchall()


def cheaper_than(cursor, price_cents, category):
    """The products of a category below a price."""
    cursor.execute(
        "SELECT " + COLUMNS + " FROM products WHERE price_cents < %s AND category = %s", (price_cents, category)
    )
    return cursor.fetchall()


def add_product(cursor, name, category, price_cents, stock=0):
    """Put a product on sale. Returns its id."""
    cursor.execute(
        "INSERT INTO products (name, category, price_cents, stock) VALUES (%s, %s, %s, %s)",
        (name, category, price_cents, stock),
    )
    return cursor.lastrowid
