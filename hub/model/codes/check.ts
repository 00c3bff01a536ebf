import type { Codes } from './code.ts'

/** Check: syntax, structure and guide. */
export const checkCodes = {
  messageFaulty: {
    code: 'CD-3001',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The message breaks the rules of its directory or guide.',
      fix: 'Mend the faults listed with their positions, and send the message again.',
    },
    fr: {
      what: 'Le message enfreint les règles de son répertoire ou de son guide.',
      fix: 'Corrigez les fautes listées avec leur position, puis renvoyez le message.',
    },
  },
  messageReferenceMismatch: {
    code: 'CD-3010',
    retry: 'never',
    turn: 'sender',
    contrl: '28',
    en: {
      what: 'The reference in UNT is not that of UNH.',
      fix: 'Write the same reference in UNH and UNT.',
    },
    fr: {
      what: 'La référence de UNT n’est pas celle de UNH.',
      fix: 'Écrivez la même référence dans UNH et UNT.',
    },
  },
  messageCountMismatch: {
    code: 'CD-3011',
    retry: 'never',
    turn: 'sender',
    contrl: '29',
    en: {
      what: 'The count in UNT is not the number of segments in the message.',
      fix: 'Count the segments with UNH and UNT; check that none was lost on the way.',
    },
    fr: {
      what: 'Le nombre indiqué dans UNT n’est pas celui des segments du message.',
      fix: 'Comptez les segments, UNH et UNT compris ; vérifiez qu’aucun ne s’est perdu.',
    },
  },
  messageTrailerMissing: {
    code: 'CD-3012',
    retry: 'never',
    turn: 'sender',
    contrl: '13',
    en: {
      what: 'The message ends without its closing segment.',
      fix: 'End every message with UNT; check that the file was not cut.',
    },
    fr: {
      what: 'Le message se termine sans son segment de clôture.',
      fix: 'Terminez chaque message par UNT ; vérifiez que le fichier n’a pas été coupé.',
    },
  },
  messageHeaderFaulty: {
    code: 'CD-3013',
    retry: 'never',
    turn: 'sender',
    contrl: '13',
    en: {
      what: 'The message header lacks its reference, type or version.',
      fix: 'Give UNH a reference and the type, version and release of the message.',
    },
    fr: {
      what: 'Il manque à l’en-tête du message sa référence, son type ou sa version.',
      fix: 'Indiquez dans UNH une référence et le type, la version et la révision du message.',
    },
  },
  segmentUnterminated: {
    code: 'CD-3014',
    retry: 'never',
    turn: 'sender',
    contrl: '13',
    en: {
      what: 'A segment ends without its terminator.',
      fix: 'End every segment with the terminator; check that the file was not cut or wrapped.',
    },
    fr: {
      what: 'Un segment se termine sans son caractère de fin.',
      fix: 'Terminez chaque segment par le caractère de fin ; vérifiez que le fichier n’a été ni coupé ni replié.',
    },
  },
  segmentTooLong: {
    code: 'CD-3015',
    retry: 'never',
    turn: 'sender',
    contrl: '39',
    en: {
      what: 'A segment is longer than the hub reads.',
      fix: 'Check that the terminators are those the envelope announces, or ask the operator to raise the limit that the finding names.',
    },
    fr: {
      what: 'Un segment dépasse la longueur lue par la plateforme.',
      fix: 'Vérifiez que les caractères de fin sont ceux annoncés par l’enveloppe, ou demandez à l’opérateur de relever la limite que le constat nomme.',
    },
  },
  segmentOverfull: {
    code: 'CD-3037',
    retry: 'never',
    turn: 'sender',
    contrl: '16',
    en: {
      what: 'A segment has more elements and components than the hub reads.',
      fix: 'Check that the segment ends where it should, or ask the operator to raise the limit that the finding names.',
    },
    fr: {
      what: 'Un segment a plus d’éléments et de composants que la plateforme n’en lit.',
      fix: 'Vérifiez que le segment se termine où il doit, ou demandez à l’opérateur de relever la limite que le constat nomme.',
    },
  },
  tagInvalid: {
    code: 'CD-3016',
    retry: 'never',
    turn: 'sender',
    contrl: '15',
    en: {
      what: 'A segment has no proper tag.',
      fix: 'Begin every segment with a tag of three capitals or digits; check that a terminator in the text is escaped.',
    },
    fr: {
      what: 'Un segment n’a pas d’étiquette correcte.',
      fix: 'Commencez chaque segment par une étiquette de trois capitales ou chiffres ; protégez les caractères de fin contenus dans le texte.',
    },
  },
  repertoireExceeded: {
    code: 'CD-3018',
    retry: 'never',
    turn: 'sender',
    contrl: '21',
    en: {
      what: 'The message has characters that the announced level does not allow.',
      fix: 'Write capitals only under UNOA, or announce UNOB or UNOC.',
    },
    fr: {
      what: 'Le message contient des caractères que le niveau annoncé ne permet pas.',
      fix: 'N’écrivez qu’en capitales sous UNOA, ou annoncez UNOB ou UNOC.',
    },
  },
  lineBreakInSegment: {
    code: 'CD-3020',
    retry: 'never',
    turn: 'sender',
    contrl: '21',
    en: {
      what: 'Line breaks stand inside segments and were left out.',
      fix: 'Break lines only behind a segment terminator.',
    },
    fr: {
      what: 'Des sauts de ligne se trouvent dans des segments et ont été ignorés.',
      fix: 'N’allez à la ligne qu’après un caractère de fin de segment.',
    },
  },
  messageTooLarge: {
    code: 'CD-3021',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The message has more segments, values or bytes than the hub reads.',
      fix: 'Split it into several messages, or ask the operator to raise the limit that the finding names.',
    },
    fr: {
      what: 'Le message a plus de segments, de valeurs ou d’octets que la plateforme n’en lit.',
      fix: 'Découpez-le en plusieurs messages ou demandez à l’opérateur de relever la limite que le constat nomme.',
    },
  },
  segmentMissing: {
    code: 'CD-3022',
    retry: 'never',
    turn: 'sender',
    contrl: '13',
    en: {
      what: 'A segment or group that is mandatory is missing.',
      fix: 'Add it where the finding says.',
    },
    fr: {
      what: 'Un segment ou groupe obligatoire est absent.',
      fix: 'Ajoutez-le à l’endroit indiqué.',
    },
  },
  segmentUnexpected: {
    code: 'CD-3023',
    retry: 'never',
    turn: 'sender',
    contrl: '15',
    en: {
      what: 'A segment stands where the message does not allow it.',
      fix: 'Move or remove it; the finding names the place.',
    },
    fr: {
      what: 'Un segment se trouve à un endroit où le message ne le permet pas.',
      fix: 'Déplacez-le ou supprimez-le ; le constat en indique la place.',
    },
  },
  segmentRepeatedTooOften: {
    code: 'CD-3024',
    retry: 'never',
    turn: 'sender',
    contrl: '35',
    en: {
      what: 'A segment is repeated more often than the message allows.',
      fix: 'Leave out the surplus; the finding names the limit.',
    },
    fr: {
      what: 'Un segment est répété plus souvent que le message ne le permet.',
      fix: 'Supprimez l’excédent ; le constat nomme la limite.',
    },
  },
  groupRepeatedTooOften: {
    code: 'CD-3025',
    retry: 'never',
    turn: 'sender',
    contrl: '36',
    en: {
      what: 'A segment group is repeated more often than the message allows.',
      fix: 'Leave out the surplus; the finding names the limit.',
    },
    fr: {
      what: 'Un groupe de segments est répété plus souvent que le message ne le permet.',
      fix: 'Supprimez l’excédent ; le constat nomme la limite.',
    },
  },
  elementMissing: {
    code: 'CD-3026',
    retry: 'never',
    turn: 'sender',
    contrl: '13',
    en: {
      what: 'A data element that is mandatory is empty.',
      fix: 'Fill it in where the finding says.',
    },
    fr: {
      what: 'Une donnée obligatoire est vide.',
      fix: 'Renseignez-la à l’endroit indiqué.',
    },
  },
  elementTooMany: {
    code: 'CD-3027',
    retry: 'never',
    turn: 'sender',
    contrl: '16',
    en: {
      what: 'A segment has more elements or components than it may.',
      fix: 'Remove the surplus; check that separators in the text are escaped.',
    },
    fr: {
      what: 'Un segment a plus d’éléments ou de composants qu’il n’en admet.',
      fix: 'Supprimez l’excédent ; protégez les séparateurs contenus dans le texte.',
    },
  },
  elementTooLong: {
    code: 'CD-3028',
    retry: 'never',
    turn: 'sender',
    contrl: '39',
    en: {
      what: 'A value is longer than its element allows.',
      fix: 'Shorten it; the finding names the limit.',
    },
    fr: {
      what: 'Une valeur dépasse la longueur de son élément.',
      fix: 'Raccourcissez-la ; le constat nomme la limite.',
    },
  },
  elementTooShort: {
    code: 'CD-3029',
    retry: 'never',
    turn: 'sender',
    contrl: '40',
    en: {
      what: 'A value is shorter than its element requires.',
      fix: 'Write it in full; the finding names the length.',
    },
    fr: {
      what: 'Une valeur est plus courte que son élément ne l’exige.',
      fix: 'Écrivez-la en entier ; le constat nomme la longueur.',
    },
  },
  elementTypeWrong: {
    code: 'CD-3030',
    retry: 'never',
    turn: 'sender',
    contrl: '37',
    en: {
      what: 'A value has characters that its element does not take.',
      fix: 'Write digits in a numeric element, and no digits in an alphabetic one.',
    },
    fr: {
      what: 'Une valeur contient des caractères que son élément n’admet pas.',
      fix: 'Écrivez des chiffres dans un élément numérique, et aucun dans un élément alphabétique.',
    },
  },
  codeNotInList: {
    code: 'CD-3031',
    retry: 'never',
    turn: 'sender',
    contrl: '12',
    en: {
      what: 'A code is not in its code list.',
      fix: 'Use a code of the list that the finding names.',
    },
    fr: {
      what: 'Un code ne figure pas dans sa liste de codes.',
      fix: 'Utilisez un code de la liste nommée par le constat.',
    },
  },
  elementRepeatedTooOften: {
    code: 'CD-3032',
    retry: 'never',
    turn: 'sender',
    contrl: '35',
    en: {
      what: 'A data element is repeated more often than its segment allows.',
      fix: 'Leave out the surplus.',
    },
    fr: {
      what: 'Une donnée est répétée plus souvent que son segment ne le permet.',
      fix: 'Supprimez l’excédent.',
    },
  },
  trailingSeparator: {
    code: 'CD-3033',
    retry: 'never',
    turn: 'sender',
    contrl: '45',
    en: {
      what: 'A segment or element ends with separators that separate nothing.',
      fix: 'Leave out separators behind the last value.',
    },
    fr: {
      what: 'Un segment ou un élément se termine par des séparateurs inutiles.',
      fix: 'Supprimez les séparateurs qui suivent la dernière valeur.',
    },
  },
  typeNotChecked: {
    code: 'CD-3034',
    retry: 'never',
    turn: 'nobody',
    en: {
      what: 'The hub has no directory for this type and version of message: its structure was not checked.',
      fix: 'Nothing; the operator can load the directory.',
    },
    fr: {
      what: 'La plateforme n’a pas de répertoire pour ce type et cette version de message : sa structure n’a pas été contrôlée.',
      fix: 'Rien ; l’opérateur peut charger le répertoire.',
    },
  },
  findingsCut: {
    code: 'CD-3035',
    retry: 'never',
    turn: 'nobody',
    en: {
      what: 'There are more faults than the hub lists.',
      fix: 'Mend those listed and send again; the rest will show then.',
    },
    fr: {
      what: 'Il y a plus d’erreurs que la plateforme n’en liste.',
      fix: 'Corrigez celles qui sont listées et renvoyez ; les autres apparaîtront alors.',
    },
  },
} as const satisfies Codes
