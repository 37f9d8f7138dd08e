"""What customers think of the products."""


class Reviews:
    """The reviews, behind one cursor."""

    def __init__(self, cursor):
        self.cursor = cursor

    def write(self, product_id, customer_id, stars, text):
        """Add a review. Returns its id."""
        if not 1 <= stars <= 5:
            raise ValueError("%s stars: a review has 1 to 5" % stars)
        self.cursor.execute(
            "INSERT INTO reviews (product_id, customer_id, stars, text) VALUES (%s, %s, %s, %s)",
            (product_id, customer_id, stars, text),
        )
        return self.cursor.lastrowid

    def mentioning(self, word):
        """The reviews that mention a word."""
        query = "SELECT id, product_id, stars, text FROM reviews WHERE text LIKE '%{}%' ORDER BY id".format(word)
        self.cursor.execute(query)
        return self.cursor.fetchall()

    def average(self, product_id):
        """The mean of a product's stars, or None without reviews."""
        self.cursor.execute("SELECT AVG(stars) AS stars FROM reviews WHERE product_id = %s", [product_id])
        return self.cursor.fetchone()["stars"]

    def remove(self, review_id):
        """Take a review back."""
        self.cursor.execute("DELETE FROM reviews WHERE id = %s" % review_id)
