import type { PartnerId } from './ids.ts'

/** What an agreement says of the control numbers of its interchanges: the term `numbers`. */
export interface NumberTerms {
  /** The first number; 1 where it is absent. A range that has passed it goes on where it is. */
  start?: number
  /** The last number; the largest of `width` digits where only that is given. */
  end?: number
  /** Digits that a number is filled up to with zeros. */
  width?: number
  /** When the last number is used: documents are held for a person, which is the default, or it begins again at `start`. */
  atEnd?: 'hold' | 'restart'
}

/** Numbers are counted for each of these apart. */
export interface NumberRange {
  sender: string
  receiver: string
  kind: string
  /** In whose history a gap is explained: who gets what bears the numbers. */
  partnerId: PartnerId
  terms?: NumberTerms
}

/** How a number is written. */
export function numberText(number: number, terms: NumberTerms | undefined): string {
  return String(number).padStart(terms?.width ?? 0, '0')
}
