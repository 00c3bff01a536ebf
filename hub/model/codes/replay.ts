import type { Codes } from './code.ts'

/** What people have sent or processed again, and the numbers that documents get. */
export const replayCodes = {
  numbersExhausted: {
    code: 'CD-5050',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The last control number that the agreement allows is used, so the document could not be given one.',
      fix: "Give the agreement's term `numbers` another `end`, or `atEnd: restart` after the receiver agreed to it, apply it, and release the document.",
    },
    fr: {
      what: 'Le dernier numéro de contrôle permis par l’accord est utilisé ; le document n’a pas pu en recevoir.',
      fix: 'Donnez un autre `end` au terme `numbers` de l’accord, ou `atEnd: restart` avec l’assentiment du destinataire, appliquez-le, puis libérez le document.',
    },
  },
  replayNothing: {
    code: 'CD-8040',
    retry: 'never',
    turn: 'nobody',
    http: 422,
    en: {
      what: 'Nothing of what was named can be sent or processed again.',
      fix: 'Name a delivery, or documents of which something went out; to process again, documents that are no answers.',
    },
    fr: {
      what: 'Rien de ce qui est désigné ne peut être renvoyé ni retraité.',
      fix: 'Désignez une livraison, ou des documents dont quelque chose est parti ; pour retraiter, des documents qui ne sont pas des réponses.',
    },
  },
  replaySetTooLarge: {
    code: 'CD-8041',
    retry: 'never',
    turn: 'nobody',
    http: 422,
    en: {
      what: 'More documents are meant than may be replayed together.',
      fix: 'Narrow the search, for example by time or state, and replay one part after the other.',
    },
    fr: {
      what: 'Le nombre de documents visés dépasse ce qui peut être rejoué ensemble.',
      fix: 'Restreignez la recherche, par exemple par date ou par état, et rejouez une partie après l’autre.',
    },
  },
  replayEnvironmentsMixed: {
    code: 'CD-8042',
    retry: 'never',
    turn: 'nobody',
    http: 422,
    en: {
      what: 'Test and live are never replayed together.',
      fix: 'Add the environment to the search and replay each by itself.',
    },
    fr: {
      what: 'Le test et la production ne sont jamais rejoués ensemble.',
      fix: 'Ajoutez l’environnement à la recherche et rejouez chacun séparément.',
    },
  },
  replayStale: {
    code: 'CD-8043',
    retry: 'never',
    turn: 'nobody',
    http: 409,
    en: {
      what: 'What was shown is too old to be carried out as it stands.',
      fix: 'Make the plan again, look at its count, and carry that one out.',
    },
    fr: {
      what: 'Ce qui a été affiché est trop ancien pour être exécuté tel quel.',
      fix: 'Refaites le plan, vérifiez son nombre et exécutez celui-là.',
    },
  },
  replayOfAnother: {
    code: 'CD-8044',
    retry: 'never',
    turn: 'nobody',
    http: 403,
    en: {
      what: 'Somebody else made this plan.',
      fix: 'Make a plan of your own: who carries it out answers for it by name.',
    },
    fr: {
      what: 'Ce plan a été fait par quelqu’un d’autre.',
      fix: 'Faites votre propre plan : la personne qui l’exécute en répond en son nom.',
    },
  },
  replayNotOpen: {
    code: 'CD-8045',
    retry: 'never',
    turn: 'nobody',
    http: 409,
    en: {
      what: 'The delivery is under way, waits for its proof or was stopped, so it cannot be tried again.',
      fix: 'Wait for its end; one that was stopped can be sent as new.',
    },
    fr: {
      what: 'La livraison est en cours, attend sa preuve ou a été arrêtée ; elle ne peut être retentée.',
      fix: 'Attendez sa fin ; celle qui a été arrêtée peut être renvoyée comme nouvelle.',
    },
  },
  replayNotDecided: {
    code: 'CD-8046',
    retry: 'never',
    turn: 'nobody',
    http: 409,
    en: {
      what: 'The document waits or is held, so it cannot be processed again yet.',
      fix: 'Let it be processed, or release or reject it.',
    },
    fr: {
      what: 'Le document est en attente ou retenu ; il ne peut pas encore être retraité.',
      fix: 'Laissez-le être traité, ou libérez-le ou rejetez-le.',
    },
  },
  replayStepNotReached: {
    code: 'CD-8047',
    retry: 'never',
    turn: 'nobody',
    http: 409,
    en: {
      what: 'The document never came as far as the step it is to be processed again from.',
      fix: 'Process it again from `resolve`, with the bytes as they were received.',
    },
    fr: {
      what: 'Le document n’est jamais arrivé à l’étape à partir de laquelle il doit être retraité.',
      fix: 'Retraitez-le à partir de `resolve`, avec les octets tels que reçus.',
    },
  },
  replaySucceeded: {
    code: 'CD-8048',
    retry: 'never',
    turn: 'nobody',
    http: 409,
    en: {
      what: 'The document was rejected, and was processed again already.',
      fix: 'Look at its successor; that one can be replayed.',
    },
    fr: {
      what: 'Le document a été rejeté et a déjà été retraité.',
      fix: 'Consultez son successeur ; celui-là peut être rejoué.',
    },
  },
  deliveryNotOpen: {
    code: 'CD-8049',
    retry: 'never',
    turn: 'nobody',
    http: 409,
    en: {
      what: 'There is nothing to decide about the delivery: it is under way, delivered or stopped, or somebody else was first.',
      fix: "Look at the document's timeline.",
    },
    fr: {
      what: 'Il n’y a rien à décider pour cette livraison : elle est en cours, livrée ou arrêtée, ou quelqu’un a été plus rapide.',
      fix: 'Consultez la chronologie du document.',
    },
  },
} as const satisfies Codes
