"use strict";

const { pool } = require("./database");

const COLUMNS = "id, name, seats, by_the_window";

const LISTINGS = {
  name: "SELECT " + COLUMNS + " FROM tables ORDER BY name",
  seats: "SELECT " + COLUMNS + " FROM tables ORDER BY seats, name",
};

/** One table, or null. */
async function table(id) {
  const { rows } = await pool.query(`SELECT ${COLUMNS} FROM tables WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

/** All tables. `by` is one of the listings' names; any other is refused. */
async function listing(by = "name") {
  if (!Object.hasOwn(LISTINGS, by)) {
    throw new RangeError(`the tables are not listed by ${by}`);
  }
  const { rows } = await pool.query(LISTINGS[by]);
  return rows;
}

/** The tables with at least so many seats, the smallest first. */
function forParty(size) {
  return pool
    .query(`SELECT id, name, seats FROM tables WHERE seats >= ${size} ORDER BY seats`)
    .then(({ rows }) => rows);
}

/** How many tables there are on each floor. */
async function floors() {
  const { rows } = await pool.query(`
    SELECT floor, COUNT(*) AS tables
    FROM tables
    GROUP BY floor
    ORDER BY floor
  `);
  return rows;
}

/** Call a table something else; `done(error, changed)` hears of it. */
function rename(id, name, done) {
  pool.query("UPDATE tables SET name = '" + name + "' WHERE id = " + id, (error, result) => {
    done(error, !error && result.rowCount === 1);
  });
}

module.exports = { floors, forParty, listing, rename, table };
