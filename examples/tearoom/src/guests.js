"use strict";

const { pool } = require("./database");

const known = new Map();

/** One guest, or null. */
async function guest(id) {
  const { rows } = await pool.query(`SELECT id, name, email, phone FROM guests WHERE id = ${id}`);
  return rows[0] ?? null;
}

/** The guest with that address, or null. */
async function byEmail(email) {
  const { rows } = await pool.query("SELECT id, name, email, phone FROM guests WHERE email = '" + email + "'");
  return rows[0] ?? null;
}

/** How often a guest was here; asked of the database once. */
async function visits(id) {
  const key = `visits of ${id}`;
  if (!known.has(key)) {
    const { rows } = await pool.query("SELECT COUNT(*) AS visits FROM bookings WHERE guest_id = $1", [id]);
    known.set(key, Number(rows[0].visits));
  }
  return known.get(key);
}

/** The guests whose name holds a word. */
async function called(word) {
  const { rows } = await pool.query("SELECT id, name FROM guests WHERE name ILIKE $1 ORDER BY name", [`%${word}%`]);
  return rows;
}

/** Forget a guest. Resolves to whether there was one. */
async function forget(id) {
  known.delete("visits of " + id);
  const { rowCount } = await pool.query(`DELETE FROM guests WHERE id = ${id}`);
  return rowCount === 1;
}

module.exports = { byEmail, called, forget, guest, visits };
