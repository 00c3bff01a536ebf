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
      fix: "Send it in parts, or ask the hub's operator to raise `limits.fileBytes` of this channel.",
    },
    fr: {
      what: 'Le fichier dépasse la taille acceptée par ce canal.',
      fix: 'Envoyez-le en plusieurs parties, ou demandez à l’opérateur de relever `limits.fileBytes` de ce canal.',
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
  idempotencyKeyInvalid: {
    code: 'CD-1008',
    retry: 'never',
    turn: 'sender',
    http: 400,
    en: {
      what: 'The header Idempotency-Key is not one of 1 to 255 visible ASCII characters, given once.',
      fix: 'Use a UUID or your own document number, without blanks.',
    },
    fr: {
      what: 'L’en-tête Idempotency-Key doit figurer une fois et compter 1 à 255 caractères ASCII visibles.',
      fix: 'Utilisez un UUID ou votre propre numéro de document, sans espaces.',
    },
  },
  contentEncoded: {
    code: 'CD-1009',
    retry: 'never',
    turn: 'sender',
    http: 415,
    en: {
      what: 'The content is compressed on the way (Content-Encoding), which this address does not take.',
      fix: 'Send the document as it is, without the header Content-Encoding.',
    },
    fr: {
      what: 'Le contenu est compressé pour le transport (Content-Encoding), ce que cette adresse n’accepte pas.',
      fix: 'Envoyez le document tel quel, sans l’en-tête Content-Encoding.',
    },
  },
  formBody: {
    code: 'CD-1010',
    retry: 'never',
    turn: 'sender',
    http: 415,
    en: {
      what: 'The content is a web form (multipart/form-data), not a document.',
      fix: 'Send the file itself as the body, for example with `curl --data-binary @order.edi`.',
    },
    fr: {
      what: 'Le contenu est un formulaire web (multipart/form-data), non un document.',
      fix: 'Envoyez le fichier lui-même comme corps, par exemple avec `curl --data-binary @commande.edi`.',
    },
  },
  tokenInAddress: {
    code: 'CD-1011',
    retry: 'never',
    turn: 'sender',
    http: 401,
    en: {
      what: 'A token stands in the address, where logs and proxies can read it.',
      fix: 'Send it in the header Authorization: Bearer, and have this one replaced.',
    },
    fr: {
      what: 'Un jeton figure dans l’adresse, où journaux et mandataires peuvent le lire.',
      fix: 'Envoyez-le dans l’en-tête Authorization: Bearer, et faites remplacer celui-ci.',
    },
  },
  notStored: {
    code: 'CD-1012',
    retry: 'unknown',
    turn: 'hub',
    http: 500,
    en: {
      what: 'The file could not be recorded and was not accepted.',
      fix: "Send it again; if that fails too, tell the hub's operator the time.",
    },
    fr: {
      what: 'Le fichier n’a pas pu être enregistré et n’a pas été accepté.',
      fix: 'Renvoyez-le ; en cas de nouvel échec, donnez l’heure à l’opérateur.',
    },
  },
  hubBusy: {
    code: 'CD-1013',
    retry: 'retry',
    turn: 'hub',
    http: 503,
    en: {
      what: 'More files arrive at this moment than the hub can record; this one was not accepted.',
      fix: 'Send it again after the time that the header Retry-After names.',
    },
    fr: {
      what: 'Il arrive en ce moment plus de fichiers que la plateforme ne peut en enregistrer ; celui-ci n’a pas été accepté.',
      fix: 'Renvoyez-le après le délai indiqué par l’en-tête Retry-After.',
    },
  },
} as const satisfies Codes
