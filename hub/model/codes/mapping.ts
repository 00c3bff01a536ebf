import type { Codes } from './code.ts'

/** Map: what the rules, code lists, templates and expressions of mappings say of a document. */
export const mappingCodes = {
  codeNotListed: {
    code: 'CD-5010',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'A value is not in the code list that the mapping looks it up in.',
      fix: 'The operator adds the value to the code list, or the sender uses one of the codes agreed; then the document is processed again.',
    },
    fr: {
      what: 'Une valeur ne figure pas dans la liste de codes que consulte la correspondance.',
      fix: 'L’opérateur ajoute la valeur à la liste de codes, ou l’expéditeur emploie un code convenu ; puis le document est retraité.',
    },
  },
  mappingLimit: {
    code: 'CD-5011',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The rules of the mapping do more with this document than a mapping may.',
      fix: 'The operator looks for loops in each other in the mapping, or raises the limit that is named.',
    },
    fr: {
      what: 'Les règles de la correspondance effectuent sur ce document plus d’opérations que permis.',
      fix: 'L’opérateur cherche des boucles imbriquées dans la correspondance, ou relève la limite nommée.',
    },
  },
  sandboxTime: {
    code: 'CD-5012',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The template or expression of the mapping took more time than it may, and was stopped.',
      fix: 'The operator makes the template or expression do less, and processes the document again.',
    },
    fr: {
      what: 'Le gabarit ou l’expression de la correspondance a dépassé son temps et a été arrêté.',
      fix: 'L’opérateur allège le gabarit ou l’expression, puis retraite le document.',
    },
  },
  sandboxMemory: {
    code: 'CD-5013',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The template or expression of the mapping took more memory than it may, and was stopped.',
      fix: 'The operator makes the template or expression do less, and processes the document again.',
    },
    fr: {
      what: 'Le gabarit ou l’expression de la correspondance a dépassé sa mémoire et a été arrêté.',
      fix: 'L’opérateur allège le gabarit ou l’expression, puis retraite le document.',
    },
  },
  sandboxOutput: {
    code: 'CD-5014',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The template or expression of the mapping wrote more than it may, and was stopped.',
      fix: 'The operator makes the template or expression write less, and processes the document again.',
    },
    fr: {
      what: 'Le gabarit ou l’expression de la correspondance a produit plus de texte que permis et a été arrêté.',
      fix: 'L’opérateur réduit ce que produit le gabarit ou l’expression, puis retraite le document.',
    },
  },
  sandboxFailed: {
    code: 'CD-5015',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The template or expression of the mapping failed on this document.',
      fix: 'The operator mends what the finding names, and processes the document again.',
    },
    fr: {
      what: 'Le gabarit ou l’expression de la correspondance a échoué sur ce document.',
      fix: 'L’opérateur corrige ce que nomme le constat, puis retraite le document.',
    },
  },
  sandboxPaused: {
    code: 'CD-5016',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The template or expression of the mapping passed its limits several times in a row and is not run for some seconds.',
      fix: 'The operator mends the mapping, and processes the document again.',
    },
    fr: {
      what: 'Le gabarit ou l’expression de la correspondance a dépassé ses limites plusieurs fois de suite et n’est plus exécuté pendant quelques secondes.',
      fix: 'L’opérateur corrige la correspondance, puis retraite le document.',
    },
  },
} as const satisfies Codes
