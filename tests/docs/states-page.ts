import type {
  deliveryMoves,
  documentMoves,
  interchangeMoves,
  transmissionInMoves,
  transmissionOutMoves,
} from '#hub/model/states.ts'

/** For each move of a table: when it happens. A move without a reason does not compile. */
type Reasons<Moves extends Readonly<Record<string, readonly string[]>>> = {
  [From in keyof Moves]: { [To in Moves[From][number]]: string }
}

const transmissionIn: Reasons<typeof transmissionInMoves> = {
  new: {
    staged: 'its bytes arrive, and it waits for its rename or its last part',
    accepted: 'bytes, row, ledger entry and job are committed: the answer is yes',
    refused: 'not accepted; the bytes that were kept are in quarantine',
  },
  staged: {
    accepted: 'released by its rename or its last part',
    discarded: 'given up by the sender, or by time',
  },
  accepted: {},
  refused: {},
  discarded: {},
}

const transmissionOut: Reasons<typeof transmissionOutMoves> = {
  new: { sending: 'an attempt was claimed, before a socket opens' },
  sending: {
    taken: 'the peer has it, with the proof that the channel owes',
    not_taken: 'the peer provably has nothing of it',
    pending: 'the peer has it and owes the proof',
    unknown: 'it may have been taken: the answer was lost, or the hub stopped in mid-attempt',
  },
  pending: { taken: 'the proof came', not_taken: 'a negative receipt came' },
  unknown: {
    taken: 'a positive receipt came, or a person confirmed it',
    not_taken: 'a negative receipt came',
  },
  taken: {},
  not_taken: { taken: 'a verified positive receipt came after a negative one' },
}

const interchange: Reasons<typeof interchangeMoves> = {
  new: {
    open: 'its header was read; until its trailer is checked nothing of it leaves',
    accepted: 'read whole in one go, all of it good',
    partial: 'read whole in one go, some of its messages rejected',
    rejected: 'read whole in one go, none of it usable',
  },
  open: {
    accepted: 'the trailer is good, and so are all messages',
    partial: 'the trailer is good, some messages are rejected',
    rejected: 'the trailer does not fit, or no message is usable',
  },
  accepted: {},
  partial: {},
  rejected: {},
}

const document: Reasons<typeof documentMoves> = {
  new: {
    waiting: 'split off, its steps are still to be done',
    processed: 'all steps done in one go',
    held: 'a rule holds it for a person',
    rejected: 'a step found it wanting, with a code',
    duplicate: 'it came before',
  },
  waiting: {
    processed: 'all steps done',
    held: 'a rule holds it for a person',
    rejected: 'a step found it wanting, with a code',
    duplicate: 'it came before',
  },
  held: { waiting: 'a person released it', rejected: 'a person rejected it' },
  processed: {},
  rejected: {},
  duplicate: {},
}

const delivery: Reasons<typeof deliveryMoves> = {
  new: {
    waiting: 'its bytes and identity are frozen, an attempt is due',
    pending: 'placed where the peer collects it',
    held: 'held from the beginning, by a rule',
  },
  waiting: {
    sending: 'an attempt was claimed',
    held: 'a receipt said that an earlier attempt was not taken, for a cause that a person mends',
    stopped: 'a person stopped it',
    delivered: 'a positive receipt for an earlier attempt came',
    refused: 'a negative receipt for an earlier attempt came',
  },
  sending: {
    delivered: 'taken, with the proof',
    pending: 'taken, the proof is owed',
    waiting: 'not taken, or unknown where the peer drops repeats: tried again by the schedule',
    held: 'unknown where the peer does not drop repeats, the schedule is used up, or a person has to mend the cause',
    refused: 'not taken, and trying the same again cannot help',
  },
  pending: {
    delivered: 'the proof came',
    refused: 'a negative receipt came',
    waiting: 'a negative receipt asked to try later',
    held: 'a negative receipt came, for a cause that a person mends',
  },
  held: {
    waiting: 'a person released it, or a receipt said that it was not taken and may be tried again',
    stopped: 'a person stopped it',
    delivered: 'a positive receipt came, or a person confirmed it',
    refused: 'a negative receipt came',
  },
  refused: {
    waiting: 'a person released it',
    stopped: 'a person stopped it',
    delivered: 'a verified positive receipt came after a negative one',
  },
  delivered: { waiting: 'a person has it sent again, with the same identity and the same bytes' },
  stopped: {},
}

/** docs/states.md, in Markdown: a diagram and a table for each thing that has states. */
export function statesPage(): string {
  return [
    '# States and moves',
    'Made from `hub/model/states.ts`; a test compares. `npx vitest run tests/docs -u` writes it anew.',
    'Processing, delivery and acknowledgement are three statuses and are never merged. Overdue is no state: it is',
    '`waiting` or `pending` past its time, marked once; a late proof or a late answer still counts.',
    ...section('Document: processing', document),
    ...section('Delivery', delivery),
    ...section('Transmission in', transmissionIn),
    ...section('Transmission out: one attempt of a delivery', transmissionOut),
    ...section('Interchange', interchange),
    '## Acknowledgement',
    'An acknowledgement, owed or expected, is `waiting` until it is `accepted`, `with_errors`, `partial`, `rejected` or',
    '`waived`. One that is expected leaves `waiting` only with its evidence. A positive one replaces a negative one.',
    '## What a document shows',
    'With several outputs the least advanced delivery speaks for the document: refused, held, stopped, waiting, sending,',
    'pending, delivered. With several acknowledgements expected: rejected, partial, with errors, waiting, accepted, waived.',
  ]
    .map((line, index, lines) => (index > 0 && startsBlock(lines[index - 1]!, line) ? `\n${line}` : line))
    .join('\n')
    .concat('\n')
}

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>

function section(title: string, table: Table): string[] {
  const moves = Object.entries(table).flatMap(([from, reasons]) =>
    Object.entries(reasons).map(([to, reason]) => ({ from, to, reason })),
  )
  const ends = Object.entries(table).filter(([, reasons]) => Object.keys(reasons).length === 0)
  return [
    `## ${title}`,
    '```mermaid\nstateDiagram-v2',
    ...moves.map(({ from, to }) => `  ${from === 'new' ? '[*]' : from} --> ${to}`),
    ...ends.map(([state]) => `  ${state} --> [*]`),
    '```',
    ...moves.map(({ from, to, reason }) => `- ${from} → ${to}: ${reason}`),
  ]
}

function startsBlock(before: string, line: string): boolean {
  if (line.startsWith('##') || before.startsWith('#') || before === '```') return true
  return line.startsWith('```mermaid')
}
