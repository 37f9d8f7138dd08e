import type { Pool, PoolClient } from "pg";

export interface Voucher {
  code: string;
  cents: number;
  usedOn: string | null;
}

/** The voucher with that code, or null. */
export async function voucher(pool: Pool, code: string): Promise<Voucher | null> {
  const { rows } = await pool.query<Voucher>(
    `SELECT code, cents, used_on AS "usedOn" FROM vouchers WHERE code = '${code}'`,
  );
  return rows[0] ?? null;
}

/** Use a voucher up. Resolves to whether it was still good. */
export async function redeem(client: PoolClient, code: string, day: string): Promise<boolean> {
  const text: string = "UPDATE vouchers SET used_on = '" + day + "' WHERE used_on IS NULL AND code = '" + code + "'";
  const { rowCount } = await client.query(text);
  return rowCount === 1;
}

/** The vouchers that were sold since a day. */
export function soldSince(pool: Pool, day: string): Promise<Voucher[]> {
  return pool.query<Voucher>(`SELECT code, cents FROM vouchers WHERE sold_on >= '${day}'`).then(({ rows }) => rows);
}

/** Sell a voucher. */
export async function sell(pool: Pool, code: string, cents: number): Promise<void> {
  await pool.query("INSERT INTO vouchers (code, cents) VALUES ($1, $2)", [code.trim() + "", cents]);
}

/** What is printed on a voucher. */
export const printed = ({ code, cents }: Voucher): string => `${code}: worth ${(cents / 100).toFixed(2)} EUR of tea`;
