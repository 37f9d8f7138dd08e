"""The shop over HTTP: a WSGI application that answers JSON."""

import json
from urllib.parse import parse_qs

from shop import audit, catalogue, customers, mail, orders, stock
from shop.reports import Reports
from shop.reviews import Reviews


class Shop:
    """Routes a request to the part that answers it. Each request is one transaction."""

    def __init__(self, database, outbox=None):
        self._database = database
        self.outbox = outbox or mail.Outbox()
        self._routes = {
            ("GET", "/products"): self.products,
            ("GET", "/product"): self.product,
            ("GET", "/orders"): self.orders,
            ("POST", "/orders"): self.order,
            ("POST", "/status"): self.status,
            ("GET", "/reviews"): self.reviews,
            ("GET", "/stock"): self.stock,
            ("GET", "/report"): self.report,
        }

    def __call__(self, environ, start_response):
        action = self._routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if action is None:
            return self._answer(start_response, "404 Not Found", {"error": "there is no such page"})
        fields = {name: values[-1] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        try:
            with self._database.transaction() as cursor:
                return self._answer(start_response, "200 OK", action(cursor, fields))
        except (KeyError, ValueError, orders.OutOfStock) as error:
            return self._answer(start_response, "400 Bad Request", {"error": "bad request: %s" % error})

    def products(self, cursor, fields):
        if "q" in fields:
            return rows(catalogue.search(cursor, fields["q"], fields.get("category")))
        return rows(catalogue.listing(cursor, fields.get("order", "name")))

    def product(self, cursor, fields):
        found = catalogue.product(cursor, fields["id"])
        if found is None:
            raise ValueError("no product " + fields["id"])
        return {**dict(found), "stars": Reviews(cursor).average(fields["id"])}

    def orders(self, cursor, fields):
        return rows(orders.of_customer(cursor, fields["customer"]))

    def order(self, cursor, fields):
        quantities = {int(fields["product"]): int(fields.get("quantity", "1"))}
        order_id = orders.place(cursor, int(fields["customer"]), quantities, fields.get("coupon"))
        order = next(row for row in orders.of_customer(cursor, fields["customer"]) if row["id"] == order_id)
        mail.confirm(self.outbox, customers.customer(cursor, fields["customer"]), order, orders.lines_of(cursor, order_id))
        audit.note(cursor, "customer " + fields["customer"], "placed order %s", order_id)
        return dict(order)

    def status(self, cursor, fields):
        changed = orders.set_status(cursor, fields["order"], fields["status"])
        audit.status_changed(cursor, fields.get("by", "web"), fields["order"], "?", fields["status"])
        return {"changed": changed}

    def reviews(self, cursor, fields):
        return rows(Reviews(cursor).mentioning(fields["word"]))

    def stock(self, cursor, fields):
        return [stock.label(row) for row in stock.below(cursor, fields.get("level", "10"))]

    def report(self, cursor, fields):
        reports = Reports(cursor)
        return rows(reports.sales_in(fields["city"])) if "city" in fields else reports.summary()

    @staticmethod
    def _answer(start_response, status, value):
        body = json.dumps(value).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def rows(found):
    return [dict(row) for row in found]
