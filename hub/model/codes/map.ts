import type { Codes } from './code.ts'

/** Map and write: from canonical to what the receiver wants. */
export const mapCodes = {
  mappingMissing: {
    code: 'CD-5001',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The profile names a mapping that does not exist.',
      fix: "The operator corrects the mapping's name in the profile.",
    },
    fr: {
      what: 'Le profil nomme une correspondance qui n’existe pas.',
      fix: 'L’opérateur corrige le nom de la correspondance dans le profil.',
    },
  },
  mappingFailed: {
    code: 'CD-5002',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The mapping stopped with a fault of its own on this document.',
      fix: 'The operator mends the mapping and processes the document again.',
    },
    fr: {
      what: 'La correspondance s’est arrêtée sur une erreur interne avec ce document.',
      fix: 'L’opérateur corrige la correspondance, puis retraite le document.',
    },
  },
  canonicalIncomplete: {
    code: 'CD-5003',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The document lacks something every document of its type needs.',
      fix: 'Add what the findings name, and send it again.',
    },
    fr: {
      what: 'Il manque au document un élément que tout document de ce type exige.',
      fix: 'Ajoutez ce que nomment les constats, puis renvoyez-le.',
    },
  },
  notWritable: {
    code: 'CD-5004',
    retry: 'never',
    turn: 'hub',
    en: {
      what: "The outgoing document cannot be written in the receiver's format.",
      fix: 'The findings name the value and the rule it breaks; the operator mends the mapping.',
    },
    fr: {
      what: 'Le document sortant ne peut pas être écrit dans le format du destinataire.',
      fix: 'Les constats nomment la valeur et la règle enfreinte ; l’opérateur corrige la correspondance.',
    },
  },
  notCarried: {
    code: 'CD-5005',
    retry: 'never',
    turn: 'nobody',
    en: {
      what: 'A value of the document has no place in the form it was mapped to, and was left out.',
      fix: 'Nothing, if the value is not needed; otherwise the operator extends the mapping.',
    },
    fr: {
      what: 'Une valeur du document n’a pas de place dans la forme cible et a été omise.',
      fix: 'Rien, si la valeur est inutile ; sinon l’opérateur complète la correspondance.',
    },
  },
  valueNotMapped: {
    code: 'CD-5006',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'A value could not be read as the kind of value that its place asks for.',
      fix: 'Correct the value that the finding names, and send the document again.',
    },
    fr: {
      what: 'Une valeur n’a pas pu être lue comme sa place l’exige.',
      fix: 'Corrigez la valeur que nomme le constat, puis renvoyez le document.',
    },
  },
} as const satisfies Codes
