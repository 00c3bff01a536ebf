import { limits } from '#hub/base/limits.ts'
import type { Search } from '#hub/store/find.ts'

/**
 * Reads a search as people type it: `345`, `order 345`, `commande n° 345`, `where is order 345?`, `reference 871`, `file orders.edi`. What has no known
 * first word is looked for everywhere. Null for an empty one.
 */
export function parseSearch(text: string): Search | null {
  const typed = withoutQuestion(text.normalize('NFC').replaceAll('\0', '').trim()).slice(
    0,
    limits.searchCharacters,
  )
  if (typed === '') return null
  const [, word = '', rest = ''] = /^([^\s:=]+)\s*[:=\s]\s*(.+)$/s.exec(typed) ?? []
  const known = words[fold(word)]
  const value = rest.replace(/^(n°|(no|nr|number|num[ée]ro)\b\.?|#)\s*:?\s*/i, '').trim()
  if (known === undefined || value === '') return { kind: 'any', type: null, value: typed }
  return { ...known, value }
}

/** `Where is the purchase order 345?` asks for `order 345`. Only what stands before a word that is known is taken away. */
function withoutQuestion(text: string): string {
  const asked = text.replace(/\s*\?+$/, '').replace(question, '')
  return asked
    .replace(/^(?:(?:the|my|our|la|le|ma|notre)\s+|l['’])(?=[\p{L}]+\s)/iu, (article) => {
      const next = /^[\p{L}]+/u.exec(asked.slice(article.length))?.[0] ?? ''
      return words[fold(next)] !== undefined || /^(purchase|bon)$/i.test(next) ? '' : article
    })
    .replace(/^(?:purchase\s+(?=orders?\b)|bons?\s+de\s+(?=commandes?\b))/i, '')
}

const question =
  /^(?:where\s+is|where's|where\s+are|what\s+about|o[ùu]\s+est|o[ùu]\s+en\s+est|o[ùu]\s+sont)\s+/i

const order = { kind: 'number', type: 'order' } as const
const number = { kind: 'number', type: null } as const
const reference = { kind: 'reference', type: null } as const
const file = { kind: 'file', type: null } as const

/** First words, without accents and in small letters. */
const words: Readonly<Record<string, Omit<Search, 'value'>>> = {
  order: order,
  orders: order,
  commande: order,
  commandes: order,
  cde: order,
  po: order,
  number: number,
  no: number,
  numero: number,
  'n°': number,
  document: number,
  reference: reference,
  ref: reference,
  control: reference,
  interchange: reference,
  file: file,
  fichier: file,
}

function fold(word: string): string {
  return word.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')
}
