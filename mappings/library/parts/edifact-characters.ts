/**
 * What becomes of free text whose characters the receiver's charset does not have: the nearest that it has. Only for
 * texts that people read; identifiers are never changed, so that one which does not fit is refused when it is written.
 */
export type CharacterSet = (text: string) => string

/** By syntax identifier (UNB 0001). Levels of other alphabets than the Latin one, and Unicode, take the text as it is. */
export function charactersOf(level: string): CharacterSet {
  switch (level) {
    case 'UNOA':
      return (text) => ofLevelB(text).toUpperCase()
    case 'UNOB':
      return ofLevelB
    case 'UNOC':
      return latin1
    default:
      return (text) => text
  }
}

/** ISO 8859-1. */
function latin1(text: string): string {
  return oneLine(text).replace(/[^\u0020-\u007E\u00A0-\u00FF]/gu, (character) => nearest(character))
}

/** Letters, digits and the few marks of ISO 9735 levels A and B. */
function ofLevelB(text: string): string {
  const ascii = oneLine(text).replace(/[^\u0020-\u007E]/gu, (character) => nearest(character))
  return oneLine(ascii.replace(/[^A-Za-z0-9 .,\-()/=!"%&*;<>'+:?]/g, ' '))
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** A letter without its accent; a blank for what has no Latin form. */
function nearest(character: string): string {
  return replacements[character] ?? (character.normalize('NFKD').replace(/[^\u0020-\u007E]/g, '') || ' ')
}

const replacements: Readonly<Record<string, string>> = {
  œ: 'oe',
  Œ: 'OE',
  æ: 'ae',
  Æ: 'AE',
  ß: 'ss',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ł: 'l',
  Ł: 'L',
  ð: 'd',
  þ: 'th',
  '€': 'EUR',
  '’': "'",
  '‘': "'",
  '‚': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '°': 'o',
  '×': 'x',
}
