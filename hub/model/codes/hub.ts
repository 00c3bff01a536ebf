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
      fix: 'Put the right key back, into master.key of the data folder or CROSSDOCK_MASTER_KEY; without it nothing that is sealed can be read. docs/operations.md, "The master key", says more.',
    },
    fr: {
      what: 'La clé maîtresse manque ou n’est pas celle qui a scellé les données.',
      fix: 'Remettez la bonne clé, dans master.key du dossier de données ou dans CROSSDOCK_MASTER_KEY ; sans elle, rien de ce qui est scellé ne peut être lu. Voir docs/operations.md, « The master key ».',
    },
  },
  masterKeyBusy: {
    code: 'CD-9014',
    retry: 'retry',
    turn: 'hub',
    en: {
      what: 'The master key cannot be changed or retired now.',
      fix: 'The message says what stands in the way; "crossdock key list" shows every key and what it wraps.',
    },
    fr: {
      what: 'La clé maîtresse ne peut être ni changée ni retirée maintenant.',
      fix: 'Le message dit ce qui s’y oppose ; « crossdock key list » montre chaque clé et ce qu’elle protège.',
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
  nameUnknown: {
    code: 'CD-9007',
    retry: 'never',
    turn: 'hub',
    http: 404,
    en: {
      what: 'The name that was given does not say which thing is meant.',
      fix: 'Say a name that is there; "crossdock export" lists all partners and channels.',
    },
    fr: {
      what: 'Le nom donné ne dit pas de quoi il s’agit.',
      fix: 'Donnez un nom existant ; « crossdock export » liste tous les partenaires et canaux.',
    },
  },
  ledgerBehind: {
    code: 'CD-9010',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The ledger in the database does not go on from what was signed last, so nothing more is signed.',
      fix: 'After restoring an older backup, begin a new epoch with "crossdock ledger epoch --new"; otherwise restore the newest backup and find out who changed the database.',
    },
    fr: {
      what: 'Le registre de la base de données ne prolonge pas ce qui a été signé en dernier ; plus rien n’est signé.',
      fix: 'Après la restauration d’une sauvegarde plus ancienne, commencez une nouvelle époque avec « crossdock ledger epoch --new » ; sinon restaurez la sauvegarde la plus récente et cherchez qui a modifié la base.',
    },
  },
  ledgerKeyMissing: {
    code: 'CD-9011',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The key that signs the ledger is missing or is not the one of its present epoch.',
      fix: 'Put ledger.key back into the data folder, or set CROSSDOCK_LEDGER_KEY; if the key is lost, begin a new epoch with "crossdock ledger epoch --new".',
    },
    fr: {
      what: 'La clé qui signe le registre manque ou n’est pas celle de son époque actuelle.',
      fix: 'Remettez ledger.key dans le dossier de données ou définissez CROSSDOCK_LEDGER_KEY ; si la clé est perdue, commencez une nouvelle époque avec « crossdock ledger epoch --new ».',
    },
  },
  documentExpected: {
    code: 'CD-9020',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'Documents that an agreement expects by an hour did not come.',
      fix: 'Ask the sender whether it sent them; the notice closes itself with the first that comes.',
    },
    fr: {
      what: 'Des documents attendus à une heure convenue ne sont pas arrivés.',
      fix: 'Demandez à l’expéditeur s’il les a envoyés ; l’avis se ferme au premier qui arrive.',
    },
  },
} as const satisfies Codes
