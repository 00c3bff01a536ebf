import type { Codes } from './code.ts'

/** The life of partners and of what was agreed: versions, proposals, partners that leave. */
export const lifeCodes = {
  rollbackNeedless: {
    code: 'CD-8060',
    retry: 'never',
    turn: 'hub',
    http: 409,
    en: {
      what: 'This version is live already.',
      fix: 'Name an older one; "crossdock config versions" lists them.',
    },
    fr: {
      what: 'Cette version est déjà active.',
      fix: 'Nommez-en une plus ancienne ; « crossdock config versions » les énumère.',
    },
  },
  proposalOwn: {
    code: 'CD-8061',
    retry: 'never',
    turn: 'hub',
    http: 409,
    en: {
      what: 'A change is approved by another person than the one who proposed it.',
      fix: 'Ask another operator to approve it, or refuse it yourself.',
    },
    fr: {
      what: 'Une modification est approuvée par une autre personne que celle qui l’a proposée.',
      fix: 'Demandez à un autre opérateur de l’approuver, ou refusez-la vous-même.',
    },
  },
  proposerMissing: {
    code: 'CD-8062',
    retry: 'never',
    turn: 'hub',
    http: 409,
    en: {
      what: 'What is live here changes by two people, and nobody is named as the one who proposes this.',
      fix: 'Name yourself with --by EMAIL; another operator approves it then.',
    },
    fr: {
      what: 'Ce qui est actif ici se modifie à deux, et personne n’est nommé comme auteur de la proposition.',
      fix: 'Nommez-vous par --by ADRESSE ; un autre opérateur l’approuvera ensuite.',
    },
  },
  proposalDecided: {
    code: 'CD-8063',
    retry: 'never',
    turn: 'hub',
    http: 409,
    en: {
      what: 'There is no open proposal with this id; somebody may have decided on it.',
      fix: 'Look at those that are open: "crossdock config proposals".',
    },
    fr: {
      what: 'Aucune proposition ouverte ne porte cet identifiant ; quelqu’un a peut-être déjà décidé.',
      fix: 'Consultez celles qui sont ouvertes : « crossdock config proposals ».',
    },
  },
  proposalStale: {
    code: 'CD-8064',
    retry: 'never',
    turn: 'hub',
    http: 409,
    en: {
      what: 'The configuration has changed since, and approving would do something else than what was proposed.',
      fix: 'Refuse the proposal and have it made again; the message names what differs.',
    },
    fr: {
      what: 'La configuration a changé depuis, et l’approbation ferait autre chose que ce qui a été proposé.',
      fix: 'Refusez la proposition et faites-la refaire ; le message nomme ce qui diffère.',
    },
  },
  versionOther: {
    code: 'CD-8065',
    retry: 'never',
    turn: 'sender',
    http: 412,
    en: {
      what: 'What stands in the hub is not the version that the request names.',
      fix: 'Read it again, make the change to what stands there, and send it with its ETag in If-Match.',
    },
    fr: {
      what: 'La version de la plateforme n’est pas celle que nomme la requête.',
      fix: 'Relisez-la, reportez-y la modification et renvoyez-la avec son ETag dans If-Match.',
    },
  },
  versionMissing: {
    code: 'CD-8066',
    retry: 'never',
    turn: 'sender',
    http: 428,
    en: {
      what: 'The request does not say which version it changes.',
      fix: 'Send If-Match with the ETag of what was read, or If-None-Match: * for what is new.',
    },
    fr: {
      what: 'La requête n’indique pas quelle version elle modifie.',
      fix: 'Envoyez If-Match avec l’ETag de ce qui a été lu, ou If-None-Match: * pour ce qui est nouveau.',
    },
  },
  offboardingOpen: {
    code: 'CD-8067',
    retry: 'never',
    turn: 'hub',
    http: 409,
    en: {
      what: 'This partner leaves already.',
      fix: 'Take that back first, with "crossdock partner offboard KEY --cancel".',
    },
    fr: {
      what: 'Le départ de ce partenaire est déjà prévu.',
      fix: 'Annulez-le d’abord par « crossdock partner offboard CLÉ --cancel ».',
    },
  },
  offboardingNone: {
    code: 'CD-8068',
    retry: 'never',
    turn: 'hub',
    http: 409,
    en: {
      what: 'There is no leaving of this partner that could be taken back.',
      fix: 'After its date a partner comes back by its configuration: apply its documents again, with new log-ins.',
    },
    fr: {
      what: 'Aucun départ de ce partenaire ne peut être annulé.',
      fix: 'Passé sa date, un partenaire revient par sa configuration : appliquez de nouveau ses documents, avec de nouveaux accès.',
    },
  },
} as const satisfies Codes
