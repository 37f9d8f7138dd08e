"use strict";

const journal = require("./journal");
const { inTransaction, pool, sql } = require("./database");

/** Book a table for a day. Resolves to the booking's id. */
async function book(guestId, tableId, day, party) {
  return inTransaction(async (client) => {
    const taken = await client.query(`SELECT id FROM bookings WHERE day = '${day}' AND table_id = ${tableId}`);
    if (taken.rowCount > 0) {
      throw new Error(`table ${tableId} is taken on ${day}`);
    }
    const { rows } = await client.query(
      "INSERT INTO bookings (guest_id, table_id, day, party) VALUES ($1, $2, $3, $4) RETURNING id",
      [guestId, tableId, day, party],
    );
    await journal.note(client, "book", `booking ${rows[0].id}: table ${tableId} on ${day}`);
    return rows[0].id;
  });
}

/** One booking, or null. */
async function booking(id) {
  const { rows } = await pool.query(sql`SELECT id, guest_id, table_id, day, party FROM bookings WHERE id = ${id}`);
  return rows[0] ?? null;
}

/** A guest's bookings. */
async function ofGuest(guestId, soonestFirst = true) {
  const direction = soonestFirst ? "ASC" : "DESC";
  const { rows } = await pool.query("SELECT * FROM bookings WHERE guest_id = $1 ORDER BY day " + direction, [guestId]);
  return rows;
}

/** The bookings of a day, of one table or of all. */
async function onDay(day, tableId) {
  let text = "SELECT id, guest_id, table_id, party FROM bookings WHERE day = '" + day + "'";
  if (tableId) {
    text += " AND table_id = " + tableId;
  }
  const { rows } = await pool.query(text + " ORDER BY table_id");
  return rows;
}

/** Move a booking to another day. Resolves to whether there was one. */
async function postpone(id, day) {
  const text = `UPDATE bookings SET day = '${day}' WHERE id = ${id}`;
  const { rowCount } = await pool.query(text);
  return rowCount === 1;
}

/** The last bookings that were made. */
async function latest(count) {
  const { rows } = await pool.query(`SELECT * FROM bookings ORDER BY id DESC LIMIT ${Number(count)}`);
  return rows;
}

module.exports = { book, booking, latest, ofGuest, onDay, postpone };
