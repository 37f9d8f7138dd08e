"""What the shop does, on a filled database in memory."""

import json
import unittest
from urllib.parse import urlencode

from shop import audit, catalogue, coupons, customers, mail, orders, stock
from shop.reports import Reports
from shop.reviews import Reviews
from shop.samples import filled
from shop.web import Shop


class ShopTest(unittest.TestCase):
    def setUp(self):
        self.database = filled()
        self.addCleanup(self.database.close)

    def cursor(self):
        context = self.database.transaction()
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def ask(self, method, path, **fields):
        seen = []
        shop = Shop(self.database)
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": urlencode(fields)}
        body = b"".join(shop(environ, lambda status, headers: seen.append(status)))
        return seen[0], json.loads(body)

    def test_products_are_found_searched_and_sorted(self):
        cursor = self.cursor()
        self.assertEqual(catalogue.product(cursor, 4)["name"], "Sencha")
        self.assertIsNone(catalogue.product(cursor, 99))
        self.assertEqual([row["name"] for row in catalogue.search(cursor, "a", "green")], ["Sencha"])
        self.assertEqual(catalogue.listing(cursor, "price")[0]["name"], "Rooibos")
        self.assertEqual([row["products"] for row in catalogue.categories(cursor)], [2, 2, 1])
        self.assertEqual([row["name"] for row in catalogue.cheaper_than(cursor, 900, "green")], ["Gunpowder"])
        with self.assertRaises(ValueError):
            catalogue.listing(cursor, "colour")

    def test_a_customer_logs_in_with_the_right_password_only(self):
        cursor = self.cursor()
        self.assertEqual(customers.log_in(cursor, "ada@example.org", "correct horse")["name"], "Ada")
        self.assertIsNone(customers.log_in(cursor, "ada@example.org", "wrong"))
        self.assertTrue(customers.move(cursor, 1, "Hamburg"))
        self.assertEqual(customers.customer(cursor, 1)["city"], "Hamburg")

    def test_an_order_takes_stock_and_a_coupon_takes_off(self):
        cursor = self.cursor()
        order_id = orders.place(cursor, 1, {1: 2, 3: 1}, "SPRING")
        self.assertEqual(orders.of_customer(cursor, 1)[0]["total_cents"], (2 * 890 + 760) * 90 // 100)
        self.assertEqual(len(orders.between(cursor, 2000, 3000)), 1)
        self.assertEqual(orders.by_total(cursor, cheapest_first=True)[0]["id"], order_id)
        self.assertEqual([line["quantity"] for line in orders.lines_of(cursor, order_id)], [2, 1])
        self.assertEqual(catalogue.product(cursor, 1)["stock"], 38)
        self.assertTrue(orders.set_status(cursor, order_id, "paid"))
        self.assertEqual(coupons.percent(cursor, "AUTUMN"), 0)
        with self.assertRaises(orders.OutOfStock):
            orders.place(cursor, 1, {4: 100})

    def test_deliveries_go_to_their_warehouse(self):
        cursor = self.cursor()
        stock.deliver(cursor, "north", [(10, 4)])
        stock.deliver(cursor, "south", [(10, 2)])
        self.assertEqual([row["stock"] for row in stock.below(cursor, 20)], [12, 18])

    def test_reviews_are_written_found_and_removed(self):
        reviews = Reviews(self.cursor())
        self.assertEqual(reviews.average(1), 5)
        self.assertEqual(len(reviews.mentioning("Strong")), 1)
        reviews.remove(1)
        self.assertIsNone(reviews.average(1))
        with self.assertRaises(ValueError):
            reviews.write(1, 1, 6, "too good")

    def test_reports_add_up(self):
        cursor = self.cursor()
        orders.place(cursor, 1, {1: 1})
        reports = Reports(cursor)
        self.assertEqual(reports.sales_in("Bremen")[0]["cents"], 890)
        self.assertEqual(reports.summary(), ["Bremen     1  8.90 EUR"])

    def test_changes_are_written_down(self):
        cursor = self.cursor()
        audit.note(cursor, "ada", "sent order %s to %s", 7, "Bremen")
        audit.status_changed(cursor, "ada", 7, "paid", "sent")
        self.assertEqual(audit.entries(cursor, "ada")[1]["what"], "sent order 7 to Bremen")

    def test_an_order_is_confirmed_by_letter(self):
        outbox = mail.Outbox()
        mail.confirm(
            outbox,
            {"name": "Ada", "city": "Bremen", "email": "ada@example.org"},
            {"id": 3, "total_cents": 1780},
            [{"quantity": 2, "name": "Assam"}],
        )
        self.assertIn("  2 x Assam", outbox.letters[0]["body"])

    def test_the_shop_answers_over_http(self):
        self.assertEqual(self.ask("GET", "/products", q="Assam")[1][0]["id"], 1)
        self.assertEqual(self.ask("POST", "/orders", customer=1, product=5)[1]["total_cents"], 540)
        self.assertEqual(self.ask("POST", "/status", order=1, status="paid")[1], {"changed": True})
        self.assertEqual(self.ask("GET", "/orders", customer=1)[1][0]["status"], "paid")
        self.assertEqual(self.ask("GET", "/report")[1], ["Bremen     1  5.40 EUR"])
        self.assertEqual(self.ask("GET", "/product", id=1)[1]["stars"], 5)
        self.assertEqual(self.ask("GET", "/stock")[1], ["000004  Sencha  (8 left)"])
        self.assertEqual(self.ask("GET", "/reviews", word="Strong")[1][0]["stars"], 5)
        self.assertEqual(self.ask("GET", "/product", id=99)[0], "400 Bad Request")
        self.assertEqual(self.ask("GET", "/nothing")[0], "404 Not Found")


if __name__ == "__main__":
    unittest.main()
