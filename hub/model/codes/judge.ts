import type { Codes } from './code.ts'

/** Judge: business rules, guard rails, routes. */
export const judgeCodes = {
  guardRail: {
    code: 'CD-4001',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'A guard rail of the agreement holds this document for a person.',
      fix: 'An operator of the hub releases or rejects the hold, with a reason: "crossdock hold list", or /v1/holds. The sender has nothing to do.',
    },
    fr: {
      what: 'Un garde-fou de l’accord retient ce document pour décision.',
      fix: 'Un opérateur de la plateforme libère ou rejette la retenue, avec un motif : « crossdock hold list », ou /v1/holds. L’expéditeur n’a rien à faire.',
    },
  },
  holdRejected: {
    code: 'CD-4002',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'A person rejected the document while it was on hold.',
      fix: 'The reason stands beside the decision; send a corrected document.',
    },
    fr: {
      what: 'Une personne a rejeté le document pendant sa mise en attente.',
      fix: 'Le motif figure avec la décision ; envoyez un document corrigé.',
    },
  },
  duplicateHeld: {
    code: 'CD-4020',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The same came before, and the agreement holds repeats for a person.',
      fix: 'Compare it with the first one; release it if both are meant, else reject it, with a reason.',
    },
    fr: {
      what: 'Le même est déjà venu, et l’accord retient les répétitions pour décision.',
      fix: 'Comparez-le au premier ; libérez-le si les deux sont voulus, sinon rejetez-le, avec un motif.',
    },
  },
  duplicateRejected: {
    code: 'CD-4021',
    retry: 'never',
    turn: 'sender',
    contrl: '26',
    en: {
      what: 'The same came before, and the agreement rejects repeats; the first one stands.',
      fix: 'Nothing is to be sent again. If it is meant as another document, give it a number and a reference of its own.',
    },
    fr: {
      what: 'Le même est déjà venu, et l’accord rejette les répétitions ; le premier reste valable.',
      fix: 'Rien n’est à renvoyer. S’il s’agit d’un autre document, donnez-lui un numéro et une référence propres.',
    },
  },
  messageIdReused: {
    code: 'CD-4022',
    retry: 'never',
    turn: 'sender',
    contrl: '26',
    en: {
      what: 'Another content came before under the same message identity; nothing of this one was taken.',
      fix: 'Send it again under a message identity (Idempotency-Key, Message-ID) of its own.',
    },
    fr: {
      what: 'Un autre contenu est déjà venu sous le même identifiant de message ; rien de celui-ci n’a été retenu.',
      fix: 'Renvoyez-le sous un identifiant de message (Idempotency-Key, Message-ID) qui lui soit propre.',
    },
  },
  railWindow: {
    code: 'CD-4023',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'With this document more would go through in a given time than the agreement lets through by itself.',
      fix: 'See whether the sender means all of it; then release or reject the hold, with a reason.',
    },
    fr: {
      what: 'Avec ce document, il passerait en un temps donné plus que l’accord ne laisse passer d’office.',
      fix: 'Vérifiez que l’expéditeur veut bien le tout ; puis libérez ou rejetez la retenue, avec un motif.',
    },
  },
  heldBehind: {
    code: 'CD-4024',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'An earlier document of the same number is on hold, and documents of one number leave in order.',
      fix: 'Decide about the earlier one; this one then goes on by itself.',
    },
    fr: {
      what: 'Un document antérieur de même numéro est retenu, et ceux d’un même numéro partent dans l’ordre.',
      fix: 'Décidez du document antérieur ; celui-ci poursuit ensuite de lui-même.',
    },
  },
  holdNotOpen: {
    code: 'CD-4025',
    retry: 'never',
    turn: 'nobody',
    http: 409,
    en: {
      what: 'Nothing of this hold, or of what is named of it, waits for a decision.',
      fix: 'Look at the hold: somebody else may have decided, or the number or id is another.',
    },
    fr: {
      what: 'Rien de cette retenue, ou de ce qui en est nommé, n’attend de décision.',
      fix: 'Regardez la retenue : quelqu’un a pu décider, ou le numéro ou l’identifiant est autre.',
    },
  },
  holdDecisionUnfit: {
    code: 'CD-4026',
    retry: 'never',
    turn: 'hub',
    http: 422,
    en: {
      what: 'This decision does not fit what the hold is about.',
      fix: 'Release or reject documents; release, reject (stop) or confirm a delivery.',
    },
    fr: {
      what: 'Cette décision ne convient pas à ce que la retenue concerne.',
      fix: 'Libérez ou rejetez des documents ; libérez, rejetez (arrêtez) ou confirmez une livraison.',
    },
  },
} as const satisfies Codes
