import type { Codes } from './code.ts'

/** Split: the envelope of an EDIFACT file. */
export const envelopeCodes = {
  outsideEnvelope: {
    code: 'CD-2020',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The file has content outside any envelope.',
      fix: 'Remove what stands before UNA or UNB and behind UNZ; check that the file was not joined or cut.',
    },
    fr: {
      what: 'Le fichier contient des données hors de toute enveloppe.',
      fix: 'Supprimez ce qui précède UNA ou UNB et suit UNZ ; vérifiez que le fichier n’a été ni assemblé ni coupé.',
    },
  },
  interchangeHeaderMissing: {
    code: 'CD-2021',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The file holds messages without an interchange header.',
      fix: 'Put the messages between UNB and UNZ.',
    },
    fr: {
      what: 'Le fichier contient des messages sans en-tête d’interchange.',
      fix: 'Placez les messages entre UNB et UNZ.',
    },
  },
  interchangeHeaderFaulty: {
    code: 'CD-2022',
    retry: 'never',
    turn: 'sender',
    contrl: '13',
    en: {
      what: 'The interchange header lacks something it must have.',
      fix: 'Give UNB its syntax, sender, receiver, date and reference.',
    },
    fr: {
      what: 'Il manque à l’en-tête d’interchange un élément obligatoire.',
      fix: 'Indiquez dans UNB la syntaxe, l’expéditeur, le destinataire, la date et la référence.',
    },
  },
  syntaxUnsupported: {
    code: 'CD-2023',
    retry: 'never',
    turn: 'sender',
    contrl: '2',
    en: {
      what: 'The syntax or its version is none that the hub reads.',
      fix: 'Use UNOA to UNOY in version 1 to 4.',
    },
    fr: {
      what: 'La syntaxe ou sa version n’est pas lue par la plateforme.',
      fix: 'Utilisez UNOA à UNOY, version 1 à 4.',
    },
  },
  charsetUnsupported: {
    code: 'CD-2024',
    retry: 'never',
    turn: 'sender',
    contrl: '46',
    en: {
      what: 'The character set named in the envelope is none that the hub knows.',
      fix: 'Name one of UNOA to UNOY, or ask the operator to set the charset in the profile.',
    },
    fr: {
      what: 'Le jeu de caractères nommé dans l’enveloppe est inconnu de la plateforme.',
      fix: 'Indiquez l’un de UNOA à UNOY, ou demandez à l’opérateur de fixer le jeu dans le profil.',
    },
  },
  serviceCharacterInvalid: {
    code: 'CD-2025',
    retry: 'never',
    turn: 'sender',
    contrl: '22',
    en: {
      what: 'The separators announced in UNA cannot be used.',
      fix: "Announce separators that all differ and are neither letters, digits nor blanks; UNA:+.? ' is the usual set.",
    },
    fr: {
      what: 'Les séparateurs annoncés dans UNA sont inutilisables.',
      fix: "Annoncez des séparateurs tous différents, ni lettres, ni chiffres, ni espaces ; UNA:+.? ' est le choix usuel.",
    },
  },
  interchangeReferenceMismatch: {
    code: 'CD-2026',
    retry: 'never',
    turn: 'sender',
    contrl: '28',
    en: {
      what: 'The reference in UNZ is not that of UNB.',
      fix: 'Write the same reference in UNB and UNZ; check that the file was not joined from two.',
    },
    fr: {
      what: 'La référence de UNZ n’est pas celle de UNB.',
      fix: 'Écrivez la même référence dans UNB et UNZ ; vérifiez que le fichier ne réunit pas deux interchanges.',
    },
  },
  interchangeCountMismatch: {
    code: 'CD-2027',
    retry: 'never',
    turn: 'sender',
    contrl: '29',
    en: {
      what: 'The count in UNZ is not the number of messages or groups in the interchange.',
      fix: 'Correct the count, or send the missing messages; nothing was taken.',
    },
    fr: {
      what: 'Le nombre indiqué dans UNZ n’est pas celui des messages ou groupes de l’interchange.',
      fix: 'Corrigez le nombre ou envoyez les messages manquants ; rien n’a été retenu.',
    },
  },
  groupReferenceMismatch: {
    code: 'CD-2028',
    retry: 'never',
    turn: 'sender',
    contrl: '28',
    en: {
      what: 'The reference in UNE is not that of UNG.',
      fix: 'Write the same reference in UNG and UNE.',
    },
    fr: {
      what: 'La référence de UNE n’est pas celle de UNG.',
      fix: 'Écrivez la même référence dans UNG et UNE.',
    },
  },
  groupCountMismatch: {
    code: 'CD-2029',
    retry: 'never',
    turn: 'sender',
    contrl: '29',
    en: {
      what: 'The count in UNE is not the number of messages in the group.',
      fix: 'Correct the count, or send the missing messages; nothing was taken.',
    },
    fr: {
      what: 'Le nombre indiqué dans UNE n’est pas celui des messages du groupe.',
      fix: 'Corrigez le nombre ou envoyez les messages manquants ; rien n’a été retenu.',
    },
  },
  groupOpen: {
    code: 'CD-2030',
    retry: 'never',
    turn: 'sender',
    contrl: '13',
    en: {
      what: 'A group ends without its UNE, or a UNE has no group.',
      fix: 'Pair every UNG with a UNE.',
    },
    fr: {
      what: 'Un groupe se termine sans UNE, ou un UNE n’a pas de groupe.',
      fix: 'Associez chaque UNG à un UNE.',
    },
  },
  groupsMixed: {
    code: 'CD-2031',
    retry: 'never',
    turn: 'sender',
    contrl: '30',
    en: {
      what: 'The interchange has messages both in groups and outside.',
      fix: 'Put all messages into groups, or none.',
    },
    fr: {
      what: 'L’interchange contient des messages dans des groupes et hors groupe.',
      fix: 'Placez tous les messages dans des groupes, ou aucun.',
    },
  },
  envelopeEmpty: {
    code: 'CD-2032',
    retry: 'never',
    turn: 'sender',
    contrl: '32',
    en: {
      what: 'A group or an interchange holds no message.',
      fix: 'Send at least one message in it, or leave it out.',
    },
    fr: {
      what: 'Un groupe ou un interchange ne contient aucun message.',
      fix: 'Envoyez-y au moins un message, ou supprimez-le.',
    },
  },
  betweenMessages: {
    code: 'CD-2033',
    retry: 'never',
    turn: 'sender',
    contrl: '15',
    en: {
      what: 'A segment stands between messages where none is allowed.',
      fix: 'Begin every message with UNH and end it with UNT; check that the UNT is not too early.',
    },
    fr: {
      what: 'Un segment se trouve entre des messages, où aucun n’est permis.',
      fix: 'Commencez chaque message par UNH et terminez-le par UNT ; vérifiez que UNT n’arrive pas trop tôt.',
    },
  },
  countNotNumeric: {
    code: 'CD-2034',
    retry: 'never',
    turn: 'sender',
    contrl: '37',
    en: {
      what: 'The count in a closing segment is not a number.',
      fix: 'Write the count in digits.',
    },
    fr: {
      what: 'Le nombre d’un segment de clôture n’est pas numérique.',
      fix: 'Écrivez le nombre en chiffres.',
    },
  },
  repetitionSeparatorNone: {
    code: 'CD-2035',
    retry: 'never',
    turn: 'nobody',
    en: {
      what: 'The envelope is of syntax 4 and announces a blank as repetition separator: nothing in it can repeat.',
      fix: 'Nothing, unless elements are meant to repeat; then announce a separator in the eighth character of UNA.',
    },
    fr: {
      what: 'L’enveloppe est en syntaxe 4 et annonce une espace comme séparateur de répétition : rien ne peut s’y répéter.',
      fix: 'Rien, sauf si des éléments doivent se répéter ; annoncez alors un séparateur au huitième caractère de UNA.',
    },
  },
} as const satisfies Codes
