import type { Codes } from './code.ts'

/** The hub itself. */
export const hubCodes = {
  databaseAway: {
    code: 'CD-9001',
    retry: 'retry',
    turn: 'hub',
    http: 503,
    en: {
      what: 'The hub cannot reach its database; nothing was accepted.',
      fix: 'Send again later; the hub comes back by itself.',
    },
    fr: {
      what: 'La plateforme ne joint pas sa base de données ; rien n’a été accepté.',
      fix: 'Renvoyez plus tard ; la plateforme revient d’elle-même.',
    },
  },
  notRecorded: {
    code: 'CD-9002',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'What was computed for this document could not be recorded.',
      fix: 'The operator reports the fault; the document can be processed again.',
    },
    fr: {
      what: 'Le résultat calculé pour ce document n’a pas pu être enregistré.',
      fix: 'L’opérateur signale l’erreur ; le document pourra être retraité.',
    },
  },
  unexpected: {
    code: 'CD-9003',
    retry: 'unknown',
    turn: 'hub',
    http: 500,
    en: {
      what: 'Something went wrong that the hub has no name for yet.',
      fix: 'Tell the operator the time; the log has the cause.',
    },
    fr: {
      what: 'Une erreur est survenue que la plateforme ne sait pas encore nommer.',
      fix: 'Donnez l’heure à l’opérateur ; le journal contient la cause.',
    },
  },
  payloadDamaged: {
    code: 'CD-9004',
    retry: 'never',
    turn: 'hub',
    http: 500,
    en: {
      what: 'Stored bytes do not match their hash or their key.',
      fix: 'The operator restores the payload from the backup.',
    },
    fr: {
      what: 'Des octets conservés ne correspondent pas à leur empreinte ou à leur clé.',
      fix: 'L’opérateur restaure le contenu depuis la sauvegarde.',
    },
  },
  masterKeyMissing: {
    code: 'CD-9005',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The master key is missing or is not the one the data was sealed with.',
      fix: 'Put the right key back; docs/operations.md says where it lives and how it is backed up.',
    },
    fr: {
      what: 'La clé maîtresse manque ou n’est pas celle qui a scellé les données.',
      fix: 'Remettez la bonne clé ; docs/operations.md dit où elle se trouve et comment la sauvegarder.',
    },
  },
  configInvalid: {
    code: 'CD-9006',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The configuration is not valid.',
      fix: 'The message names the file, the field and what it may hold.',
    },
    fr: {
      what: 'La configuration n’est pas valide.',
      fix: 'Le message nomme le fichier, le champ et ce qu’il peut contenir.',
    },
  },
} as const satisfies Codes
