import { codeRow } from '#hub/model/codes/index.ts'
import type { DocumentRow, Viewer } from '#hub/store/find.ts'
import { acknowledgementName, deliveryName } from './statuses.ts'

/** As whom somebody looks at a document. Operators and auditors are of the hub. */
export type Side = 'hub' | 'sender' | 'receiver'

/** Who acts next: a side, nobody because it goes on by itself (`busy`), or nobody because all is done. */
export type Turn = Side | 'busy' | 'done'

/** The side on which a viewer stands. */
export function sideOf(row: Pick<DocumentRow, 'senderId'>, viewer: Viewer): Side {
  if (viewer === '*') return 'hub'
  return row.senderId === viewer ? 'sender' : 'receiver'
}

/** Whose turn it is, decided from the three statuses and the code alone: the same for everybody who looks. */
export function turnOf(row: DocumentRow): Turn {
  switch (row.processing) {
    case 'waiting':
      return 'busy'
    case 'held':
      return 'hub'
    case 'duplicate':
      return isConflict(row) ? 'sender' : 'done'
    case 'rejected':
      return turnOfCode(row.code, 'sender')
    case 'processed':
      return turnOfDelivery(row)
  }
}

/**
 * Whether a repeat is none in truth: another content under a control reference that was used before. Its sender was told so by a rejection, which a
 * true repeat never gets.
 */
export function isConflict(row: DocumentRow): boolean {
  return row.processing === 'duplicate' && row.owed?.state === 'rejected'
}

function turnOfDelivery(row: DocumentRow): Turn {
  const name = deliveryName(row)
  switch (name) {
    case 'not_reached':
    case 'waiting':
    case 'sending':
    case 'retrying':
      return 'busy'
    case 'pending':
    case 'to_collect':
      return 'receiver'
    case 'suspended':
    case 'held':
    case 'uncertain':
      return 'hub'
    case 'refused':
      return turnOfCode(row.outbound?.code ?? null, 'receiver')
    case 'stopped':
      return 'done'
    case 'none':
    case 'delivered':
      return turnOfAcknowledgement(row)
  }
}

function turnOfAcknowledgement(row: DocumentRow): Turn {
  const name = acknowledgementName(row)
  switch (name) {
    case 'waiting':
    case 'overdue':
      return 'receiver'
    case 'with_errors':
    case 'partial':
    case 'rejected':
      return row.acknowledgement === 'none' ? 'done' : 'sender'
    case 'none':
    case 'not_reached':
    case 'accepted':
    case 'waived':
    case 'owed':
    case 'handed_over':
    case 'sent':
    case 'refusal_sent':
      return 'done'
  }
}

function turnOfCode(code: string | null, otherwise: Side): Turn {
  const turn = code === null ? undefined : codeRow(code)?.turn
  if (turn === undefined) return otherwise
  return turn === 'nobody' ? 'done' : turn
}
