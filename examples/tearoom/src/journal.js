"use strict";

/** Write down who did what, on the console and in the database. */
async function note(client, who, what) {
  console.info(`${new Date().toISOString()} ${who}: ${what}`);
  await client.query("INSERT INTO journal (who, what) VALUES ($1, $2)", [who, what]);
}

/** Write down that a statement took long. */
function slow(text, milliseconds) {
  console.warn("slow statement (" + milliseconds + " ms): " + text);
}

/** What one person did, the newest first. */
async function entries(client, who) {
  const { rows } = await client.query("SELECT at, what FROM journal WHERE who = $1 ORDER BY at DESC", [who]);
  return rows;
}

module.exports = { entries, note, slow };
