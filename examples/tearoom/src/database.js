"use strict";

const { Pool } = require("pg");

const pool = new Pool({ connectionString: process.env.TEAROOM_DATABASE, max: 10 });

/** The statement of a tagged template, with a place for each value and the values beside it. */
function sql(strings, ...values) {
  return { text: strings.reduce((text, part, place) => `${text}$${place}${part}`), values };
}

/** What `work(client)` gives; all that it changes is kept, or nothing. */
async function inTransaction(work) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

module.exports = { inTransaction, pool, sql };
