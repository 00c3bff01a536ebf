import type pg from 'pg'
import { faultPoint } from '#hub/base/fault.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import type { Client } from './connect.ts'

/**
 * Runs `work` in one transaction and returns its result after COMMIT. The name is that of the transaction's fault
 * points (`name:begin`, `name:commit`, `name:committed`). No network call belongs inside.
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  name: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  let broken: Error | boolean = false
  try {
    await faultPoint(`${name}:begin`)
    await client.query('begin')
    const result = await work(client)
    await faultPoint(`${name}:commit`)
    await client.query('commit')
    await faultPoint(`${name}:committed`)
    return result
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError
    })
    throw error
  } finally {
    client.release(broken)
  }
}

/**
 * Runs `work` as the portal's role with the eyes of one partner, or of the hub's own people (`'*'`). The setting ends
 * with the transaction, so that no connection carries it on.
 */
export async function asPartner<Result>(
  pool: pg.Pool,
  partner: PartnerId | '*',
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  let broken: Error | boolean = false
  try {
    await client.query('begin')
    await client.query(`select set_config('crossdock.partner', $1, true)`, [partner])
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError
    })
    throw error
  } finally {
    client.release(broken)
  }
}

/** Bounds each further statement of this transaction: beyond that PostgreSQL breaks it off (57014). */
export async function limitStatements(client: Client, timeoutMs: number): Promise<void> {
  await client.query(`select set_config('statement_timeout', $1, true)`, [String(timeoutMs)])
}
