import type { DocumentRow } from '#hub/store/find.ts'
import { codeRow } from '#hub/model/codes/index.ts'

/**
 * The three statuses as people see them: an icon, a tone and a word each, never colour alone, never merged. Good and pending
 * states are quiet; `wait` and `bad` are tinted. A test holds the tables against the states of hub/model.
 */
export type Tone = 'good' | 'busy' | 'wait' | 'bad' | 'sent' | 'none'

export interface StatusWords {
  icon: string
  tone: Tone
  en: string
  fr: string
}

type StatusTable = Readonly<Record<string, StatusWords>>

export const processingStatuses = {
  received: { icon: 'inbox', tone: 'busy', en: 'Received', fr: 'Reçu' },
  waiting: { icon: 'loader', tone: 'busy', en: 'Processing', fr: 'En traitement' },
  processed: { icon: 'check', tone: 'good', en: 'Processed', fr: 'Traité' },
  held: { icon: 'player-pause', tone: 'wait', en: 'On hold', fr: 'Mis en attente' },
  rejected: { icon: 'circle-x', tone: 'bad', en: 'Rejected', fr: 'Rejeté' },
  duplicate: { icon: 'copy', tone: 'none', en: 'Duplicate', fr: 'Doublon' },
} as const satisfies StatusTable

export const deliveryStatuses = {
  none: { icon: 'minus', tone: 'none', en: 'None due', fr: 'Sans objet' },
  not_reached: { icon: 'circle-dashed', tone: 'none', en: 'Not started', fr: 'Non commencée' },
  waiting: { icon: 'stack-2', tone: 'busy', en: 'Queued', fr: 'En file' },
  sending: { icon: 'send', tone: 'busy', en: 'Sending', fr: 'En envoi' },
  suspended: { icon: 'player-pause', tone: 'wait', en: 'Channel suspended', fr: 'Canal suspendu' },
  retrying: { icon: 'rotate-clockwise', tone: 'wait', en: 'Retrying', fr: 'Nouvel essai' },
  pending: { icon: 'hourglass', tone: 'busy', en: 'Awaiting proof', fr: 'Preuve attendue' },
  to_collect: { icon: 'hourglass', tone: 'busy', en: 'To be collected', fr: 'À retirer' },
  delivered: { icon: 'check', tone: 'good', en: 'Delivered', fr: 'Livrée' },
  uncertain: { icon: 'help-circle', tone: 'wait', en: 'Uncertain', fr: 'Incertaine' },
  held: { icon: 'player-pause', tone: 'wait', en: 'On hold', fr: 'Mise en attente' },
  refused: { icon: 'circle-x', tone: 'bad', en: 'Refused', fr: 'Refusée' },
  stopped: { icon: 'ban', tone: 'none', en: 'Stopped', fr: 'Arrêtée' },
} as const satisfies StatusTable

export const acknowledgementStatuses = {
  none: { icon: 'minus', tone: 'none', en: 'None expected', fr: 'Aucun attendu' },
  not_reached: { icon: 'circle-dashed', tone: 'none', en: 'Not yet due', fr: 'Pas encore dû' },
  waiting: { icon: 'clock', tone: 'busy', en: 'Waiting', fr: 'Attendu' },
  overdue: { icon: 'clock-exclamation', tone: 'bad', en: 'Overdue', fr: 'En retard' },
  accepted: { icon: 'check', tone: 'good', en: 'Accepted', fr: 'Accepté' },
  with_errors: { icon: 'alert-triangle', tone: 'wait', en: 'With errors', fr: 'Avec erreurs' },
  partial: { icon: 'alert-triangle', tone: 'wait', en: 'In part', fr: 'En partie' },
  rejected: { icon: 'circle-x', tone: 'bad', en: 'Rejected', fr: 'Refusé' },
  waived: { icon: 'ban', tone: 'none', en: 'Waived', fr: 'Levé' },
  owed: { icon: 'clock', tone: 'busy', en: 'To send', fr: 'À envoyer' },
  handed_over: { icon: 'hourglass', tone: 'busy', en: 'Handed over', fr: 'Remis' },
  sent: { icon: 'check', tone: 'good', en: 'Sent', fr: 'Envoyé' },
  refusal_sent: { icon: 'arrow-back-up', tone: 'sent', en: 'Rejection sent', fr: 'Refus envoyé' },
} as const satisfies StatusTable

export type ProcessingName = keyof typeof processingStatuses
export type DeliveryName = keyof typeof deliveryStatuses
export type AcknowledgementName = keyof typeof acknowledgementStatuses

/** How the processing of a document is shown. */
export function processingName(row: DocumentRow): ProcessingName {
  if (row.processing === 'waiting' && (row.resumeAt === 'split' || row.resumeAt === 'resolve'))
    return 'received'
  return row.processing
}

/** How its delivery is shown. Without sight of the deliveries (the sender), the roll-up alone decides. */
export function deliveryName(row: DocumentRow): DeliveryName {
  const { delivery, outbound } = row
  switch (delivery) {
    case 'none':
      return row.processing === 'waiting' || row.processing === 'held' || row.processing === 'rejected'
        ? 'not_reached'
        : 'none'
    case 'waiting':
      if (outbound?.suspended) return 'suspended'
      return outbound !== null && outbound.attempt > 0 ? 'retrying' : 'waiting'
    case 'pending':
      return outbound?.channelKind === 'mailbox' ? 'to_collect' : 'pending'
    case 'held':
      return outbound?.code && codeRow(outbound.code)?.retry === 'unknown' ? 'uncertain' : 'held'
    case 'sending':
    case 'delivered':
    case 'refused':
    case 'stopped':
      return delivery
  }
}

/**
 * How its acknowledgement is shown: what the receiver owes, once something went to it; before that, and where nothing is
 * expected, what we owe the sender.
 */
export function acknowledgementName(row: DocumentRow): AcknowledgementName {
  const { acknowledgement } = row
  switch (acknowledgement) {
    case 'none':
      return row.owed === null ? unreached(row) : owedName(row.owed)
    case 'waiting':
      return row.awaited?.overdue ? 'overdue' : 'waiting'
    case 'accepted':
    case 'with_errors':
    case 'partial':
    case 'rejected':
    case 'waived':
      return acknowledgement
  }
}

function unreached(row: DocumentRow): AcknowledgementName {
  return row.processing === 'waiting' || row.processing === 'held' ? 'not_reached' : 'none'
}

function owedName(owed: NonNullable<DocumentRow['owed']>): AcknowledgementName {
  if (owed.state === 'waived') return 'waived'
  // a refusal that no document tells: the page and the API do
  if (owed.deliveryState === null && owed.state === 'rejected') return 'rejected'
  if (owed.deliveryState === 'pending') return 'handed_over'
  if (owed.deliveryState !== 'delivered') return 'owed'
  return owed.state === 'rejected' || owed.state === 'partial' ? 'refusal_sent' : 'sent'
}
