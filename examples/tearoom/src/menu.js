"use strict";

const { pool } = require("./database");

const SEARCHES = {
  name: (word) => `SELECT id, name, price_cents FROM teas WHERE name ILIKE '%${word}%'`,
  origin: (word) => `SELECT id, name, price_cents FROM teas WHERE origin = '${word}'`,
};

/** The teas that cost at most so much and come from there, the dearest first. */
async function upTo(cents, origin) {
  const lines = ["SELECT id, name, price_cents FROM teas", `WHERE price_cents <= ${cents}`, `AND origin = '${origin}'`];
  const { rows } = await pool.query(lines.join(" ") + " ORDER BY price_cents DESC");
  return rows;
}

/** The teas that are found by name or by origin. */
async function search(by, word) {
  if (!Object.hasOwn(SEARCHES, by)) {
    throw new RangeError("teas are not searched by " + by);
  }
  const { rows } = await pool.query(SEARCHES[by](word));
  return rows;
}

/** A line of the printed menu. */
function printed(tea) {
  return `${tea.name.padEnd(30, ".")} ${(tea.price_cents / 100).toFixed(2)}`;
}

module.exports = { printed, search, upTo };
