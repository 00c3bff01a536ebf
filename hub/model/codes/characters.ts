import type { Codes } from './code.ts'

/** Check: the characters of an EDIFACT file and the set its envelope announces. */
export const characterCodes = {
  characterInvalid: {
    code: 'CD-3017',
    retry: 'never',
    turn: 'sender',
    contrl: '21',
    en: {
      what: 'A character is not in the character set of the interchange.',
      fix: 'Write only characters of that set, or announce the one the file is really written in: UNOW for UTF-8.',
    },
    fr: {
      what: 'Un caractère n’appartient pas au jeu de caractères de l’interchange.',
      fix: 'N’écrivez que des caractères de ce jeu, ou annoncez celui dans lequel le fichier est vraiment écrit : UNOW pour UTF-8.',
    },
  },
  releaseNeedless: {
    code: 'CD-3019',
    retry: 'never',
    turn: 'sender',
    contrl: '21',
    en: {
      what: 'A release character stands before one that needs none.',
      fix: 'Escape only separators and the release character; write the release character twice to mean itself.',
    },
    fr: {
      what: 'Un caractère de libération précède un caractère qui n’en a pas besoin.',
      fix: 'Ne protégez que les séparateurs et le caractère de libération ; doublez ce dernier pour l’écrire lui-même.',
    },
  },
  looksLikeUtf8: {
    code: 'CD-3036',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The text looks like UTF-8, but the envelope announces another character set: letters with accents come out wrong.',
      fix: 'Announce UNOW, or send the file in the announced set (ISO 8859-1 for UNOC).',
    },
    fr: {
      what: 'Le texte semble être en UTF-8, mais l’enveloppe annonce un autre jeu de caractères : les lettres accentuées seront fausses.',
      fix: 'Annoncez UNOW, ou envoyez le fichier dans le jeu annoncé (ISO 8859-1 pour UNOC).',
    },
  },
} as const satisfies Codes
