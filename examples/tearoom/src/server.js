"use strict";

const express = require("express");

const bookings = require("./bookings");
const guests = require("./guests");
const menu = require("./menu");
const tables = require("./tables");
const { Figures } = require("./figures");
const { Tastings } = require("./tastings");
const { pool } = require("./database");
const vouchers = require("./vouchers");

const PORT = 8100;
const app = express();
app.use(express.json());

app.get("/guests/:id", async (request, response) => {
  response.json(await guests.guest(request.params.id));
});

app.get("/tables", async (request, response) => {
  const { by, party } = request.query;
  response.json(party ? await tables.forParty(party) : await tables.listing(by));
});

app.put("/tables/:id/name", (request, response, next) => {
  tables.rename(request.params.id, request.body.name, (error, changed) => {
    return error ? next(error) : response.json({ changed });
  });
});

app.get("/bookings/:day", async (request, response) => {
  response.json(await bookings.onDay(request.params.day, request.query.table));
});

app.post("/bookings", async (request, response) => {
  const { guest, table, day, party } = request.body;
  response.status(201).json({ id: await bookings.book(guest, table, day, party) });
});

app.delete("/bookings/:id", (request, response, next) => {
  pool.query(`DELETE FROM bookings WHERE id = ${request.params.id}`, function (error, result) {
    if (error) {
      return next(error);
    }
    return response.json({ cancelled: result.rowCount });
  });
});

app.get("/teas/:by/:word", async (request, response) => {
  const found = await menu.search(request.params.by, request.params.word);
  response.type("text/plain").send(found.map(menu.printed).join("\n"));
});

app.get("/tastings/:id", async (request, response) => {
  response.json(await new Tastings(pool).tasting(request.params.id));
});

app.get("/vouchers/:code", async (request, response) => {
  response.json(await vouchers.voucher(pool, request.params.code));
});

app.get("/figures/:guest", async (request, response) => {
  response.json({ people: await new Figures(pool).broughtBy(request.params.guest) });
});

app.listen(PORT, () => console.info(`the tea room is open on http://127.0.0.1:${PORT}/tables`));
