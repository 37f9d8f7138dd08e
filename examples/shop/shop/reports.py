"""Figures for the owners."""

from shop.money import euros


class Reports:
    """Reports over the whole shop. All queries go through `_run`, which notes them for the slow-query log."""

    def __init__(self, cursor):
        self._cursor = cursor
        self.queries = []

    def sales_by_city(self):
        """How much each city bought."""
        return self._run(
            "SELECT c.city, COUNT(o.id) AS orders, SUM(o.total_cents) AS cents "
            "FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY c.city ORDER BY c.city"
        )

    def sales_in(self, city):
        """How much one city bought."""
        return self._run(
            f"SELECT COUNT(o.id) AS orders, SUM(o.total_cents) AS cents FROM orders o "
            f"JOIN customers c ON c.id = o.customer_id WHERE c.city = '{city}'"
        )

    def summary(self):
        """The sales as lines of text."""
        rows = self.sales_by_city()
        width = max((len(row["city"]) for row in rows), default=0)
        return ["{:<{}}  {:>4}  {}".format(row["city"], width, row["orders"], euros(row["cents"])) for row in rows]

    def _run(self, sql):
        self.queries.append(sql)
        self._cursor.execute(sql)
        return self._cursor.fetchall()
