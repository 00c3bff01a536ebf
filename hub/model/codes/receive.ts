import type { Codes } from './code.ts'

/** Receive and open: what can be wrong with bytes at the door. */
export const receiveCodes = {
  bodyTooLarge: {
    code: 'CD-1001',
    retry: 'never',
    turn: 'sender',
    http: 413,
    en: {
      what: 'The file is larger than this channel takes.',
      fix: "Send it in parts, or ask the hub's operator to raise the limit `bytes` of this channel.",
    },
    fr: {
      what: 'Le fichier dépasse la taille acceptée par ce canal.',
      fix: 'Envoyez-le en plusieurs parties, ou demandez à l’opérateur de relever la limite `bytes` de ce canal.',
    },
  },
  emptyBody: {
    code: 'CD-1002',
    retry: 'never',
    turn: 'sender',
    http: 400,
    en: {
      what: 'The file is empty.',
      fix: 'Send the document itself as the content.',
    },
    fr: {
      what: 'Le fichier est vide.',
      fix: 'Envoyez le document lui-même comme contenu.',
    },
  },
  idempotencyKeyMissing: {
    code: 'CD-1003',
    retry: 'never',
    turn: 'sender',
    http: 400,
    en: {
      what: 'The header Idempotency-Key is missing.',
      fix: 'Send one key for each document, the same again for each retry of it.',
    },
    fr: {
      what: 'L’en-tête Idempotency-Key manque.',
      fix: 'Envoyez une clé par document, la même à chaque nouvel essai.',
    },
  },
  idempotencyKeyReused: {
    code: 'CD-1004',
    retry: 'never',
    turn: 'sender',
    http: 422,
    en: {
      what: 'This Idempotency-Key was used before with other content.',
      fix: 'Use a new key for a new document; the first document stands unchanged.',
    },
    fr: {
      what: 'Cette clé Idempotency-Key a déjà servi avec un autre contenu.',
      fix: 'Utilisez une nouvelle clé pour un nouveau document ; le premier reste inchangé.',
    },
  },
  notAuthenticated: {
    code: 'CD-1005',
    retry: 'never',
    turn: 'sender',
    http: 401,
    en: {
      what: 'The credentials are missing, unknown, expired or revoked.',
      fix: 'Check the token or the user name and key of this channel.',
    },
    fr: {
      what: 'Les identifiants manquent, sont inconnus, expirés ou révoqués.',
      fix: 'Vérifiez le jeton, ou le nom d’utilisateur et la clé de ce canal.',
    },
  },
  channelSuspended: {
    code: 'CD-1006',
    retry: 'retry',
    turn: 'hub',
    http: 503,
    en: {
      what: "This channel is paused by the hub's operator.",
      fix: 'Try again later; the operator can tell until when.',
    },
    fr: {
      what: 'Ce canal est suspendu par l’opérateur.',
      fix: 'Réessayez plus tard ; l’opérateur peut dire jusqu’à quand.',
    },
  },
  uploadBroken: {
    code: 'CD-1007',
    retry: 'never',
    turn: 'sender',
    http: 400,
    en: {
      what: 'The connection ended before the file was complete.',
      fix: 'Send the file again from its beginning.',
    },
    fr: {
      what: 'La connexion s’est interrompue avant la fin du fichier.',
      fix: 'Renvoyez le fichier depuis le début.',
    },
  },
} as const satisfies Codes
