"""Letters to customers."""

from shop.money import euros

CONFIRMATION = """Dear {name},

thank you for your order {order}. We send it to {city} as soon as it is paid.

{lines}

Total: {total}
"""


class Outbox:
    """Letters that wait for the mail server."""

    def __init__(self):
        self.letters = []

    def send(self, to, subject, body):
        self.letters.append({"to": to, "subject": subject, "body": body})


def confirm(outbox, customer, order, lines):
    """Confirm an order."""
    text = CONFIRMATION.format(
        name=customer["name"],
        order=order["id"],
        city=customer["city"],
        lines="\n".join("%3d x %s" % (line["quantity"], line["name"]) for line in lines),
        total=euros(order["total_cents"]),
    )
    outbox.send(customer["email"], "Your order %s" % order["id"], text)
