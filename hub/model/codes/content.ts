import type { Codes } from './code.ts'

/** Check: what XML (31xx), JSON (32xx) and the canonical documents (33xx) ask of content. */
export const contentCodes = {
  xmlNotWellFormed: {
    code: 'CD-3101',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The file is not well-formed XML.',
      fix: 'Mend the place that the finding names by line and column; any XML editor shows it too.',
    },
    fr: {
      what: 'Le fichier n’est pas du XML bien formé.',
      fix: 'Corrigez l’endroit indiqué par ligne et colonne ; tout éditeur XML le montre aussi.',
    },
  },
  xmlDoctype: {
    code: 'CD-3102',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The XML has a document type declaration, which the hub refuses.',
      fix: 'Leave <!DOCTYPE …> out, and write the characters themselves in place of entities of your own.',
    },
    fr: {
      what: 'Le XML contient une déclaration de type de document, que la plateforme refuse.',
      fix: 'Supprimez <!DOCTYPE …> et écrivez les caractères eux-mêmes au lieu de vos propres entités.',
    },
  },
  xmlEncoding: {
    code: 'CD-3103',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The bytes of the XML are not in the encoding it declares, or in none that the hub reads.',
      fix: 'Write UTF-8 (or UTF-16, ISO-8859-1, ISO-8859-15) and declare the same in the first line.',
    },
    fr: {
      what: 'Les octets du XML ne suivent pas l’encodage déclaré, ou celui-ci n’est pas lu par la plateforme.',
      fix: 'Écrivez en UTF-8 (ou UTF-16, ISO-8859-1, ISO-8859-15) et déclarez-le à la première ligne.',
    },
  },
  xmlTooLarge: {
    code: 'CD-3104',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The XML passes a limit of the hub: depth, attributes, names, elements or bytes.',
      fix: 'The finding names the limit and its value; split the file, or ask the operator to raise the limit.',
    },
    fr: {
      what: 'Le XML dépasse une limite de la plateforme : profondeur, attributs, noms, éléments ou octets.',
      fix: 'Le constat nomme la limite et sa valeur ; découpez le fichier ou demandez à l’opérateur de la relever.',
    },
  },
  xmlVersionUnsupported: {
    code: 'CD-3105',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The file declares a version of XML other than 1.0.',
      fix: 'Declare version 1.0; no business format needs 1.1.',
    },
    fr: {
      what: 'Le fichier déclare une version de XML autre que 1.0.',
      fix: 'Déclarez la version 1.0 ; aucun format d’affaires n’exige la 1.1.',
    },
  },
  xmlElementMissing: {
    code: 'CD-3106',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'An element that every document of this type needs is missing.',
      fix: 'Add the element that the finding names.',
    },
    fr: {
      what: 'Il manque un élément obligatoire dans ce type de document.',
      fix: 'Ajoutez l’élément que nomme le constat.',
    },
  },
  xmlElementUnexpected: {
    code: 'CD-3107',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'An element stands where the document type has no place for it.',
      fix: 'Remove it, or put it in the order of the schema, as the finding says.',
    },
    fr: {
      what: 'Un élément se trouve là où le type de document n’en prévoit pas.',
      fix: 'Retirez-le ou placez-le dans l’ordre du schéma, comme l’indique le constat.',
    },
  },
  xmlElementRepeats: {
    code: 'CD-3108',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'An element stands more often than the document type allows.',
      fix: 'Keep one of them.',
    },
    fr: {
      what: 'Un élément figure plus souvent que le type de document ne le permet.',
      fix: 'N’en gardez qu’un.',
    },
  },
  xmlValueWrong: {
    code: 'CD-3109',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The value of an element is not of the kind it must be.',
      fix: 'Write dates as 2026-11-21, times as 14:30:00, numbers as 12.50.',
    },
    fr: {
      what: 'La valeur d’un élément n’est pas du genre attendu.',
      fix: 'Écrivez les dates 2026-11-21, les heures 14:30:00, les nombres 12.50.',
    },
  },
  jsonNotValid: {
    code: 'CD-3201',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The file is not valid JSON.',
      fix: 'Mend the place that the finding names by line and column.',
    },
    fr: {
      what: 'Le fichier n’est pas du JSON valide.',
      fix: 'Corrigez l’endroit indiqué par ligne et colonne.',
    },
  },
  jsonDuplicateKey: {
    code: 'CD-3202',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'A JSON object has the same member twice, so it has no one meaning.',
      fix: 'Keep one of the two members.',
    },
    fr: {
      what: 'Un objet JSON contient deux fois le même membre : il n’a pas de sens unique.',
      fix: 'Gardez un seul des deux membres.',
    },
  },
  jsonTooLarge: {
    code: 'CD-3203',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The JSON passes a limit of the hub: depth, length of a text, members, values or bytes.',
      fix: 'The finding names the limit and its value; split the file, or ask the operator to raise the limit.',
    },
    fr: {
      what: 'Le JSON dépasse une limite de la plateforme : profondeur, longueur d’un texte, membres, valeurs ou octets.',
      fix: 'Le constat nomme la limite et sa valeur ; découpez le fichier ou demandez à l’opérateur de la relever.',
    },
  },
  jsonNumberTooLarge: {
    code: 'CD-3204',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'A number has more digits, or a larger exponent, than any business value has.',
      fix: 'Write the number without an exponent.',
    },
    fr: {
      what: 'Un nombre a plus de chiffres, ou un exposant plus grand, que toute valeur d’affaires.',
      fix: 'Écrivez le nombre sans exposant.',
    },
  },
  jsonTextForbidden: {
    code: 'CD-3205',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'A text holds a character that no text may hold: NUL or half of a surrogate pair.',
      fix: 'Remove the character at the place that the finding names.',
    },
    fr: {
      what: 'Un texte contient un caractère interdit : NUL ou la moitié d’une paire de substitution.',
      fix: 'Retirez le caractère à l’endroit que nomme le constat.',
    },
  },
  jsonEncoding: {
    code: 'CD-3206',
    retry: 'never',
    turn: 'sender',
    en: { what: 'The JSON is not UTF-8.', fix: 'Send the file in UTF-8, as RFC 8259 asks.' },
    fr: {
      what: 'Le JSON n’est pas en UTF-8.',
      fix: 'Envoyez le fichier en UTF-8, comme le demande la RFC 8259.',
    },
  },
  jsonNotADocument: {
    code: 'CD-3207',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The JSON is neither a business document nor a list of them.',
      fix: 'Send one object with a member "type", for example "order", or an array of such objects.',
    },
    fr: {
      what: 'Le JSON n’est ni un document d’affaires ni une liste de documents.',
      fix: 'Envoyez un objet avec un membre « type », par exemple « order », ou un tableau de tels objets.',
    },
  },
  canonicalMissing: {
    code: 'CD-3301',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The document lacks a value that every document of its type needs.',
      fix: 'Add the value that the finding names.',
    },
    fr: {
      what: 'Il manque au document une valeur que tout document de ce type exige.',
      fix: 'Ajoutez la valeur que nomme le constat.',
    },
  },
  canonicalWrong: {
    code: 'CD-3302',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'A value of the document is not of the kind it must be.',
      fix: 'Write dates as 2026-11-21, times as 14:30:00, amounts and quantities as decimals such as "12.50".',
    },
    fr: {
      what: 'Une valeur du document n’est pas du genre attendu.',
      fix: 'Écrivez les dates 2026-11-21, les heures 14:30:00, les montants et quantités comme « 12.50 ».',
    },
  },
  documentTooLong: {
    code: 'CD-3304',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The document has more lines than the hub takes in one.',
      fix: 'Send it as several documents, or ask the operator to raise the limit; the finding names it and its value.',
    },
    fr: {
      what: 'Le document a plus de lignes que la plateforme n’en prend en un seul.',
      fix: 'Envoyez-le en plusieurs documents ou demandez à l’opérateur de relever la limite ; le constat la nomme avec sa valeur.',
    },
  },
  canonicalUnknown: {
    code: 'CD-3303',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The document has a member that its type does not know.',
      fix: 'Remove it, correct its name, or put it into "extensions".',
    },
    fr: {
      what: 'Le document contient un membre que son type ne connaît pas.',
      fix: 'Retirez-le, corrigez son nom ou placez-le dans « extensions ».',
    },
  },
} as const satisfies Codes
