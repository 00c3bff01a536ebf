import type { Codes } from './code.ts'

/** Check: the UN/EDIFACT directories themselves, and what EDIFACT encloses. */
export const directoryCodes = {
  directoryUnknown: {
    code: 'CD-3040',
    retry: 'never',
    turn: 'hub',
    http: 404,
    en: {
      what: 'There is no such UN/EDIFACT directory here.',
      fix: 'List the directories with "crossdock directories"; a newer one is imported from the zip file of UNECE with "crossdock directories import".',
    },
    fr: {
      what: 'Ce répertoire UN/EDIFACT ne se trouve pas ici.',
      fix: 'Listez les répertoires avec « crossdock directories » ; un plus récent s’importe depuis le fichier zip de la CEE-ONU avec « crossdock directories import ».',
    },
  },
  directoryUnreadable: {
    code: 'CD-3041',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'The file is no UN/EDIFACT directory that can be read.',
      fix: 'Give the zip file of one directory as it was downloaded from UNECE, unchanged.',
    },
    fr: {
      what: 'Le fichier n’est pas un répertoire UN/EDIFACT lisible.',
      fix: 'Donnez le fichier zip d’un répertoire tel qu’il a été téléchargé de la CEE-ONU, sans le modifier.',
    },
  },
  objectFaulty: {
    code: 'CD-3042',
    retry: 'never',
    turn: 'sender',
    contrl: '29',
    en: {
      what: 'A binary object does not end where its header says.',
      fix: 'Write the length of the object in bytes in UNO and UNP, and the same reference in both.',
    },
    fr: {
      what: 'Un objet binaire ne se termine pas là où son en-tête l’annonce.',
      fix: 'Indiquez la longueur de l’objet en octets dans UNO et UNP, et la même référence dans les deux.',
    },
  },
  elementForbidden: {
    code: 'CD-3043',
    retry: 'never',
    turn: 'sender',
    contrl: '15',
    en: {
      what: 'The guide of this message does not allow a data element that is there.',
      fix: 'Leave it out; the finding names guide and element.',
    },
    fr: {
      what: 'Le guide de ce message n’admet pas une donnée qui s’y trouve.',
      fix: 'Supprimez-la ; le constat nomme le guide et la donnée.',
    },
  },
  valueNotAllowed: {
    code: 'CD-3044',
    retry: 'never',
    turn: 'sender',
    contrl: '14',
    en: {
      what: 'A value is none of those that the guide of this message allows.',
      fix: 'Use one of the values that the finding names.',
    },
    fr: {
      what: 'Une valeur ne figure pas parmi celles que le guide de ce message admet.',
      fix: 'Utilisez l’une des valeurs nommées par le constat.',
    },
  },
} as const satisfies Codes
