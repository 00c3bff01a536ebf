import type { PersonId, ProposalId } from '#hub/model/ids.ts'
import type { Sealed } from '#hub/model/sealing.ts'
import type { Client, Queryable } from '#hub/store/connect.ts'

/** One thing that a proposal would change, with the hashes by which it is known again. */
export interface ProposedChange {
  kind: string
  key: string
  action: string
  version: number | null
  fields: string[]
  before: string | null
  after: string
}

export interface ProposalRow {
  id: ProposalId
  at: Date
  proposedBy: PersonId
  proposer: string
  reason: string
  state: 'open' | 'approved' | 'refused'
  changes: ProposedChange[]
  decider: string | null
  decidedAt: Date | null
  decisionReason: string
}

const columns = `p.id, p.at, p.proposed_by as "proposedBy", a.email as proposer, p.reason, p.state, p.changes,
  d.email as decider, p.decided_at as "decidedAt", p.decision_reason as "decisionReason"`

const joins = `join person a on a.id = p.proposed_by left join person d on d.id = p.decided_by`

/** The newest proposals; only those that nobody decided on, where `open` is asked for. */
export async function proposals(
  db: Queryable,
  asked: { open: boolean; most: number },
): Promise<ProposalRow[]> {
  const { rows } = await db.query<ProposalRow>(
    `select ${columns} from proposal p ${joins} where not $1 or p.state = 'open' order by p.id desc limit $2`,
    [asked.open, asked.most],
  )
  return rows
}

export async function insertProposal(
  client: Client,
  row: Pick<ProposalRow, 'id' | 'proposedBy' | 'reason' | 'changes'> & { sealed: Sealed; sha256: Buffer },
): Promise<void> {
  const { id, proposedBy, reason, changes, sealed, sha256 } = row
  await client.query(
    `insert into proposal (id, proposed_by, reason, changes, wrapped_key, sealed, sha256) values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, proposedBy, reason, JSON.stringify(changes), sealed.wrappedKey, sealed.bytes, sha256],
  )
}

/** What an open proposal holds, or null where it is decided or there is none. */
export async function openProposal(
  db: Queryable,
  id: ProposalId,
): Promise<{ proposedBy: PersonId; changes: ProposedChange[]; sealed: Sealed } | null> {
  const { rows } = await db.query<{
    proposedBy: PersonId
    changes: ProposedChange[]
    wrappedKey: Buffer
    bytes: Buffer
  }>(
    `select proposed_by as "proposedBy", changes, wrapped_key as "wrappedKey", sealed as bytes
     from proposal where id = $1 and state = 'open'`,
    [id],
  )
  const row = rows[0]
  if (row === undefined) return null
  const { proposedBy, changes, wrappedKey, bytes } = row
  return { proposedBy, changes, sealed: { wrappedKey, bytes } }
}

/** Decides on an open proposal and lets go of the documents it held; false where somebody else has decided. */
export async function decideProposal(
  client: Client,
  decision: { id: ProposalId; state: 'approved' | 'refused'; by: PersonId; reason: string },
): Promise<boolean> {
  const { id, state, by, reason } = decision
  const { rowCount } = await client.query(
    `update proposal set state = $2, decided_by = $3, decided_at = now(), decision_reason = $4, sealed = null, wrapped_key = null
     where id = $1 and state = 'open'`,
    [id, state, by, reason],
  )
  return rowCount === 1
}
