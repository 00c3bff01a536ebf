import type { Codes } from './code.ts'

/** Acknowledge: answers owed and expected. */
export const acknowledgeCodes = {
  acknowledgementUnmatched: {
    code: 'CD-7001',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'An acknowledgement came for something that was never sent.',
      fix: 'The operator asks the partner what it answers.',
    },
    fr: {
      what: 'Un accusé de réception est arrivé pour un envoi inconnu.',
      fix: 'L’opérateur demande au partenaire à quoi il répond.',
    },
  },
  acknowledgementOverdue: {
    code: 'CD-7002',
    retry: 'never',
    turn: 'receiver',
    en: {
      what: 'The acknowledgement did not come in time.',
      fix: 'The partner checks whether the document arrived; a late answer still counts.',
    },
    fr: {
      what: 'L’accusé de réception n’est pas arrivé à temps.',
      fix: 'Le partenaire vérifie si le document est arrivé ; une réponse tardive compte encore.',
    },
  },
  rejectedByReceiver: {
    code: 'CD-7003',
    retry: 'never',
    turn: 'sender',
    en: {
      what: "The receiver's system rejected the document in its acknowledgement.",
      fix: 'The reasons it gave stand with the acknowledgement.',
    },
    fr: {
      what: 'Le système du destinataire a rejeté le document dans son accusé de réception.',
      fix: 'Les motifs donnés figurent avec l’accusé de réception.',
    },
  },
  receiptNegative: {
    code: 'CD-7004',
    retry: 'never',
    turn: 'receiver',
    en: {
      what: "The partner's receipt says that the document was not taken.",
      fix: 'The receipt stands with the attempt; the partner mends the cause, then the delivery is sent again.',
    },
    fr: {
      what: 'Le reçu du partenaire dit que le document n’a pas été pris.',
      fix: 'Le reçu figure avec la tentative ; le partenaire corrige la cause, puis la livraison est relancée.',
    },
  },
  receiptContradicts: {
    code: 'CD-7005',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'A receipt contradicts an earlier one for the same delivery.',
      fix: 'The positive one stands; the operator asks the partner.',
    },
    fr: {
      what: 'Un reçu contredit un reçu précédent pour la même livraison.',
      fix: 'Le reçu positif prévaut ; l’opérateur interroge le partenaire.',
    },
  },
} as const satisfies Codes
