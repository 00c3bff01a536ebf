import { limits } from '#hub/base/limits.ts'
import { bytesColumn, idColumn, numberColumn, textColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/** Something that may exist once within its scope, and who wants it. */
export interface OnceClaim {
  scope: string
  key: string
  ownerId: string
  contentSha256: Buffer | null
  /** After this time another may have it; without it, it is taken for ever. */
  windowSeconds?: number
}

/** Who has it. The claim was won where `ownerId` is the claim's. */
export interface OnceHolder {
  ownerId: string
  contentSha256: Buffer | null
}

/** Forgets holders whose time is over. Only for claims that have a window, so that the others cost no statement more. */
export async function forgetExpired(client: Queryable, claims: readonly OnceClaim[]): Promise<void> {
  const passing = sorted(claims.filter((claim) => claim.windowSeconds !== undefined))
  if (passing.length === 0) return
  await client.query({
    name: 'forget_expired_once',
    text: `delete from once o using unnest($1::text[], $2::bytea[]) c (scope, key)
           where o.scope = c.scope and o.key = c.key and o.expires_at < now()`,
    values: [passing.map((claim) => claim.scope), passing.map((claim) => Buffer.from(claim.key))],
  })
}

/** Forgets claims whose time was over an hour ago, oldest or not, at most `limit` at once; returns how many. */
export async function sweepExpiredOnce(
  db: Queryable,
  limit: number = limits.onceSweptAtOnce,
): Promise<number> {
  const { rowCount } = await db.query({
    name: 'sweep_expired_once',
    text: `delete from once where ctid = any (array(
             select ctid from once where expires_at < now() - interval '1 hour' limit $1 for update skip locked))`,
    values: [limit],
  })
  return rowCount ?? 0
}

interface OnceRow {
  scope: string
  key: Buffer
  owner_id: string
  content_sha256: Buffer | null
}

/** A statement of its own: it sees what the transactions committed for which the insert waited. */
async function findHolders(
  client: Queryable,
  claims: readonly OnceClaim[],
): Promise<Map<string, OnceHolder>> {
  const { rows } = await client.query<OnceRow>({
    name: 'find_once',
    text: `select o.scope, o.key, o.owner_id, o.content_sha256
           from once o join (select distinct * from unnest($1::text[], $2::bytea[]) u (scope, key)) c using (scope, key)`,
    values: [claims.map((claim) => claim.scope), claims.map((claim) => Buffer.from(claim.key))],
  })
  return byPlace(rows)
}

function byPlace(rows: readonly OnceRow[]): Map<string, OnceHolder> {
  return new Map(
    rows.map((row) => [
      placeOf({ scope: row.scope, key: row.key.toString() }),
      { ownerId: row.owner_id, contentSha256: row.content_sha256 },
    ]),
  )
}

/** In the order of the keys, so that two transactions never wait for each other. */
function sorted(claims: readonly OnceClaim[]): OnceClaim[] {
  return claims.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
}

/** NUL can stand in neither of the two. */
function placeOf(claim: { scope: string; key: string }): string {
  return `${claim.scope}\0${claim.key}`
}

/** The columns of claims for one insert, in the order of their keys, so that two transactions never stand crosswise. */
export function claimColumns(claims: readonly OnceClaim[]): unknown[] {
  const inOrder = sorted(claims)
  return [
    textColumn(inOrder, (claim) => claim.scope),
    bytesColumn(inOrder, (claim) => Buffer.from(claim.key)),
    idColumn(inOrder, (claim) => claim.ownerId),
    bytesColumn(inOrder, (claim) => claim.contentSha256),
    numberColumn(inOrder, (claim) => claim.windowSeconds ?? null),
  ]
}

/** Who holds what was claimed by others, in the order of the claims. */
export async function onceHolders(client: Queryable, claims: readonly OnceClaim[]): Promise<OnceHolder[]> {
  const holders = await findHolders(client, claims)
  return claims.map((claim) => {
    const holder = holders.get(placeOf(claim))
    if (holder === undefined) throw new Error(`the holder of ${claim.scope} vanished`)
    return holder
  })
}
