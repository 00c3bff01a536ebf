import type { CodeName } from '#hub/model/codes/index.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import type { EntryBodies, NewEntry } from '#hub/model/entries.ts'
import type { DocumentId, TransmissionId } from '#hub/model/ids.ts'
import type { NumberRange } from '#hub/model/numbers.ts'
import type { Client } from '#hub/store/connect.ts'
import { setNextNumbers, takeControlNumbers } from '#hub/store/control-number.ts'
import type { Numbers } from './stages.ts'

/** What numbers were taken for and did not come to. */
export interface Unused {
  documentId?: DocumentId
  transmissionId?: TransmissionId
  code: CodeName
}

/**
 * The control numbers that a transaction has taken. Each is given out once. They come back only with the transaction; those that it
 * keeps and does not use are told to the ledger, so that a receiver who misses one learns why.
 */
export interface TakenNumbers extends Numbers {
  /** What is given out from now on belongs together. */
  begin(): void
  /** Whether there is a number for each of these. Only a range that has an end can run out. */
  suffice(ranges: readonly NumberRange[]): boolean
  /** What was to be written under numbers of these ranges, and was given out since `begin`, is not written. */
  lose(ranges: readonly NumberRange[], unused: Unused): void
  /** The same for some of what was given out since `begin`, by their places there, from 0. */
  loseGiven(places: ReadonlySet<number>, unused: Unused): void
  /** The entries that explain every gap; asked for when all is written. */
  explained(): NewEntry[]
}

/**
 * Takes a number for each range given, as often as it stands there, in one statement; another one where a range begins or
 * ends within what was taken.
 */
export async function takeNumbers(
  client: Client,
  wanted: readonly (NumberRange | null)[],
): Promise<TakenNumbers> {
  const counted = new Map<string, Counted>()
  for (const range of wanted) {
    if (range === null) continue
    const key = keyOf(range)
    const known = counted.get(key)
    if (known === undefined) counted.set(key, { range, count: 1 })
    else {
      known.count += 1
      known.range = withTerms(known.range, range)
    }
  }
  const demands = [...counted.values()]
  const firsts = await takeControlNumbers(
    client,
    demands.map(({ range, count }) => ({ ...range, count })),
  )
  const blocks = demands.map((demand, at) => blockOf(demand, firsts[at]!))
  await setNextNumbers(
    client,
    blocks.flatMap(({ range, next }) => (next === null ? [] : { ...range, next })),
  )
  return createTaken(new Map(blocks.map((block) => [keyOf(block.range), block])))
}

interface Counted {
  range: NumberRange
  count: number
}

interface Block {
  range: NumberRange
  /** From and to, both inclusive, in the order in which they are given out. */
  spans: { from: number; to: number }[]
  /** What the table is to say, where that is not what taking has left there. */
  next: number | null
  notes: NewEntry[]
  short: boolean
}

/** Two agreements between the same two share their numbers: where both name bounds, the narrower ones hold. */
function withTerms(one: NumberRange, other: NumberRange): NumberRange {
  if (other.terms === undefined || one.terms === other.terms) return one
  const [a, b] = [one.terms ?? {}, other.terms]
  const bound = (name: 'start' | 'end', narrower: (...values: number[]) => number) =>
    a[name] === undefined || b[name] === undefined ? (a[name] ?? b[name]) : narrower(a[name], b[name])
  const [start, end] = [bound('start', Math.max), bound('end', Math.min)]
  return {
    ...one,
    terms: { ...b, ...a, ...(start !== undefined && { start }), ...(end !== undefined && { end }) },
  }
}

function blockOf({ range, count }: Counted, first: number): Block {
  const { terms } = range
  const whole = {
    range,
    spans: [{ from: first, to: first + count - 1 }],
    next: null,
    notes: [],
    short: false,
  }
  if (terms === undefined) return whole
  const {
    start = 1,
    width,
    end = width === undefined ? Number.MAX_SAFE_INTEGER : 10 ** width - 1,
    atEnd = 'hold',
  } = terms
  const from = Math.max(first, start)
  if (from === first && from + count - 1 <= end) return whole
  const notes: NewEntry[] = []
  // a range that nothing was taken from has no gap before its start
  if (from > first && first > 1) notes.push(skipped(range, { from: first, to: from - 1 }, null))
  const here = Math.max(0, Math.min(count, end - from + 1))
  const spans = here > 0 ? [{ from, to: from + here - 1 }] : []
  if (here === count) return { range, spans, next: from + here, notes, short: false }
  if (atEnd === 'hold') return { range, spans, next: Math.max(from + here, end + 1), notes, short: true }
  const again = Math.min(count - here, end - start + 1)
  notes.push(entry(range, 'numbers.restarted', { ...named(range), at: end, from: start }))
  spans.push({ from: start, to: start + again - 1 })
  return { range, spans, next: start + again, notes, short: here + again < count }
}

function createTaken(blocks: ReadonlyMap<string, Block>): TakenNumbers {
  const mayRunOut = [...blocks.values()].some(({ short }) => short)
  const entries = [...blocks.values()].flatMap(({ notes }) => notes)
  let given: { range: NumberRange; number: number }[] = []
  const take = (range: NumberRange): number | null => {
    const block = blocks.get(keyOf(range))
    const span = block?.spans[0]
    if (block === undefined || span === undefined) return null
    const number = span.from++
    if (span.from > span.to) block.spans.shift()
    return number
  }
  return {
    begin: () => {
      given = []
    },
    next: (range) => {
      const number = take(range)
      if (number === null) throw new Error(`no number was taken of ${keyOf(range)}`)
      given.push({ range, number })
      return number
    },
    suffice: (ranges) =>
      !mayRunOut || ranges.every((range) => left(blocks.get(keyOf(range))) >= timesIn(ranges, range)),
    lose: (ranges, unused) => {
      const open = [...ranges]
      for (const { range } of given) {
        const at = open.findIndex((one) => keyOf(one) === keyOf(range))
        if (at >= 0) open.splice(at, 1)
      }
      for (const range of open) {
        const number = take(range)
        if (number !== null) given.push({ range, number })
      }
      for (const { range, number } of given)
        entries.push(skipped(range, { from: number, to: number }, unused))
      given = []
    },
    loseGiven: (places, unused) => {
      for (const [place, { range, number }] of given.entries())
        if (places.has(place)) entries.push(skipped(range, { from: number, to: number }, unused))
    },
    explained: () => [
      ...entries,
      ...[...blocks.values()].flatMap(({ range, spans }) =>
        spans.map((span) => skipped(range, span, { code: 'notWritable' })),
      ),
    ],
  }
}

function left(block: Block | undefined): number {
  return (block?.spans ?? []).reduce((sum, { from, to }) => sum + to - from + 1, 0)
}

function timesIn(ranges: readonly NumberRange[], range: NumberRange): number {
  return ranges.filter((one) => keyOf(one) === keyOf(range)).length
}

/** `unused` null: the agreement has the range go on elsewhere. */
function skipped(range: NumberRange, span: { from: number; to: number }, unused: Unused | null): NewEntry {
  const code = unused === null ? null : stableCode(unused.code)
  return {
    ...entry(range, 'numbers.skipped', {
      ...named(range),
      ...span,
      why: code === null ? 'moved' : 'not_written',
      code,
    }),
    ...(unused?.documentId && { documentId: unused.documentId }),
    ...(unused?.transmissionId && { transmissionId: unused.transmissionId }),
  }
}

function entry<Type extends 'numbers.skipped' | 'numbers.restarted'>(
  { partnerId }: NumberRange,
  type: Type,
  body: EntryBodies[Type],
): NewEntry {
  return { type, body, partnerId, actor: 'hub' } as NewEntry
}

function named({ sender, receiver, kind }: NumberRange) {
  return { sender, receiver, kind }
}

function keyOf({ sender, receiver, kind }: NumberRange): string {
  return `${sender}|${receiver}|${kind}`
}
