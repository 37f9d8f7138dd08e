import type { Pool } from "pg";

const PERIODS = { week: "1 week", month: "1 month" } as const;

/** Figures for the owners. All statements go through `ask`, which keeps them for the slow-query log. */
export class Figures {
  readonly statements: string[] = [];

  constructor(private readonly pool: Pool) {}

  /** How many bookings there were in the last week or month. */
  async bookings(period: keyof typeof PERIODS): Promise<number> {
    const { rows } = await this.pool.query("SELECT COUNT(*) AS n FROM bookings WHERE day > now() - $1::interval", [
      PERIODS[period],
    ]);
    return Number(rows[0].n);
  }

  /** How many people one guest brought along. */
  async broughtBy(guestId: string): Promise<number> {
    const rows = await this.ask(`SELECT SUM(party) AS people FROM bookings WHERE guest_id = ${guestId}`);
    return Number(rows[0].people);
  }

  private async ask(text: string): Promise<any[]> {
    this.statements.push(text);
    const { rows } = await this.pool.query(text);
    return rows;
  }
}
