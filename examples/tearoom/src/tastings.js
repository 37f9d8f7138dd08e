"use strict";

/** The tastings, behind one client of the database. */
class Tastings {
  constructor(client) {
    this.client = client;
  }

  /** Announce a tasting. Resolves to its id. */
  async announce(title, day, places) {
    if (!(places > 0)) {
      throw new RangeError("a tasting of " + places + " places: it needs at least one");
    }
    const { rows } = await this.client.query({
      text: "INSERT INTO tastings (title, day, places) VALUES ($1, $2, $3) RETURNING id",
      values: [title, day, places],
    });
    return rows[0].id;
  }

  /** One tasting, or null. */
  async tasting(id) {
    const { rows } = await this.client.query("SELECT id, title, day, places FROM tastings WHERE id = ".concat(id));
    return rows[0] ?? null;
  }

  /** Who comes to a tasting. */
  async guests(id) {
    const { rows } = await this.client.query(
      "SELECT g.name, s.seats FROM seats s " + "JOIN guests g ON g.id = s.guest_id " + "WHERE s.tasting_id = $1",
      [id],
    );
    return rows;
  }

  /** Call a tasting off. */
  async cancel(id) {
    await this.client.query(`DELETE FROM seats WHERE tasting_id = ${id}`);
    await this.client.query("DELETE FROM tastings WHERE id = $1", [id]);
  }
}

module.exports = { Tastings };
