import { z } from 'zod'

/** An interchange reference (0020) has at most 14 characters (ISO 9735-1 annex C). */
const mostNumber = 99_999_999_999_999
const numberField = z.int().min(1).max(mostNumber)

/** The control numbers of the interchanges that go to the receiver. */
export const numbersSchema = z
  .strictObject({
    start: numberField.optional(),
    end: numberField.optional(),
    width: z.int().min(1).max(14).optional(),
    atEnd: z.enum(['hold', 'restart']).optional(),
  })
  .refine(({ start = 1, end = mostNumber }) => start <= end, {
    path: ['end'],
    error: 'expected a number that is not below `start`',
  })
  .refine(({ width, end }) => width === undefined || String(end ?? 10 ** width - 1).length <= width, {
    path: ['width'],
    error: 'expected as many digits as `end` has, or more',
  })
  .refine(({ atEnd, end }) => atEnd === undefined || end !== undefined, {
    path: ['atEnd'],
    error: 'expected `end` beside it: a range without an end does not come to it',
  })
