"""`python -m shop`: serve the shop, with something in it."""

from wsgiref.simple_server import make_server

from shop.samples import filled
from shop.web import Shop

PORT = 8000

if __name__ == "__main__":
    print(f"the shop is open on http://127.0.0.1:{PORT}/products")
    make_server("127.0.0.1", PORT, Shop(filled())).serve_forever()
