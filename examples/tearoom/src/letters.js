"use strict";

/** The letter that confirms a booking. */
function confirmation(guest, booking, table) {
  const letter = { to: guest.email, subject: `Your table on ${booking.day}` };
  letter.text = `Dear ${guest.name},\n\nselect what you like from our menu: `;
  letter.text += "table " + table.name + " waits for " + booking.party + " of you from four o'clock.\n";
  return letter;
}

module.exports = { confirmation };
