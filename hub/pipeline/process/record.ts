import { appendEntries } from '#hub/store/entry.ts'
import type { Client } from '#hub/store/connect.ts'
import { placeInOrder } from '#hub/store/order.ts'
import { raiseNotices } from '#hub/store/notice.ts'
import { insertPayloads, type NewPayload } from '#hub/store/payload.ts'
import {
  insertWireIds,
  lockTransmissions,
  lockWaitingDocuments,
  setSplitTo,
} from '#hub/store/process-claim.ts'
import {
  insertAcknowledgements,
  insertDeliveries,
  insertDocuments,
  insertHolds,
  insertInterchanges,
  insertOutputs,
  setOrigins,
} from '#hub/store/process-record.ts'
import { sharePayloads } from '#hub/store/share.ts'
import type { DocumentId, InterchangeId } from '#hub/model/ids.ts'
import type { NumberRange } from '#hub/model/numbers.ts'
import { answerRanges, judgementOf, writeAnswer, type Judgement, type WrittenAnswer } from './answer.ts'
import type { ComputedDocument, ComputedEnvelope, ComputedWork } from './computed.ts'
import type { Parts } from './deps.ts'
import { matchAnswer } from './match.ts'
import { parted } from './fan-out.ts'
import {
  addAnswer,
  addDocument,
  addInterchange,
  addParted,
  noRows,
  type FinalVerdict,
  type Rows,
} from './rows.ts'
import { takeNumbers, type TakenNumbers } from './numbers.ts'
import type { MappedDocument, Tools, WrittenDocument } from './stages.ts'
import { addAnswerAgain } from './answer-again.ts'
import { goOnBehind, holdBehind } from './behind.ts'
import { holdByWindows } from './windows.ts'
import { addToBundles, lockBundles } from './bundle.ts'
import { isAnsweredAgain, markRepeats, repeatCodeOf, type Repeat } from './repeats.ts'
import { takingTurns } from './turns.ts'
import { attempt, learn, roundedMs, verdictOf } from './travel.ts'
import { fileRange, rangesOf, write } from './write.ts'

/**
 * Records what was computed, inside the caller's transaction: locks what it is about, finds repeats, takes control
 * numbers, writes bytes and answers, matches answers received, and puts rows, ledger entries and jobs. Work that
 * somebody else has done meanwhile is left out.
 */
export async function record(
  client: Client,
  computed: readonly ComputedWork[],
  parts: Omit<Parts, 'store'>,
): Promise<readonly NewPayload[]> {
  const due = await stillDue(client, computed)
  await lockBundles(client, due)
  const repeats = await markRepeats(client, due)
  await holdByWindows(client, due)
  await holdBehind(client, due)
  const numbers = await takeFor(client, due, repeats)
  const tools = { ...parts.tools, numbers }
  const rows = noRows()
  const turn = takingTurns()
  for (const work of due) {
    for (const document of work.documents) {
      const verdict = await finish(client, document, rows, tools)
      addDocument(rows, document, verdict)
      if (isTaken(verdict)) for (const part of document.apart ?? []) addParted(rows, part)
      await turn()
    }
    for (const envelope of work.envelopes) await addJudged(client, envelope, { rows, repeats, tools })
  }
  rows.entries.push(...numbers.explained())
  await addToBundles(client, rows, parts.tools.clock)
  const kept = await insert(client, rows, parts)
  await setSplitTo(client, due.flatMap(splitDone))
  await goOnBehind(client, parts.queue, due.flatMap(goneOn))
  await placeInOrder(client, rows.ordered)
  const sent = new Set(rows.deliveries.map((row) => row.payload_id))
  return kept.filter(({ id }) => sent.has(id))
}

/** A document that is not taken has no parts either; one that waits has them, for it goes on without what went apart. */
function isTaken(verdict: FinalVerdict): boolean {
  switch (verdict.kind) {
    case 'written':
    case 'matched':
    case 'held':
      return true
    case 'duplicate':
      return false
    case 'rejected':
      return verdict.step !== 'split' && verdict.code !== 'duplicateRejected'
  }
}

/** What nobody else has done since it was loaded; the locks hold until the transaction ends. */
async function stillDue(client: Client, computed: readonly ComputedWork[]): Promise<ComputedWork[]> {
  const splitTo = await lockTransmissions(
    client,
    computed.map((work) => work.transmissionId),
  )
  const resumed = computed.filter((work) => work.task.kind === 'resume')
  const waiting = await lockWaitingDocuments(
    client,
    resumed.flatMap((work) => work.documents.map((document) => document.documentId)),
  )
  return computed.flatMap((work) => {
    if (work.task.kind === 'split') return splitTo.get(work.transmissionId) === work.task.from ? [work] : []
    const documents = work.documents.filter((document) => waiting.has(document.documentId))
    return documents.length === 0 ? [] : [{ ...work, documents }]
  })
}

/** Takes all the numbers that writing may need. */
async function takeFor(
  client: Client,
  due: readonly ComputedWork[],
  repeats: ReadonlyMap<InterchangeId, Repeat>,
): Promise<TakenNumbers> {
  const wanted: (NumberRange | null)[] = []
  for (const work of due) {
    for (const { verdict } of work.documents)
      if (verdict.kind === 'mapped') wanted.push(...rangesOf(verdict.mapped))
    for (const envelope of work.envelopes) {
      const answer = answerKind(envelope, repeats)
      if (answer === 'own') wanted.push(...Object.values(answerRanges(envelope, envelope.answerChannel!)))
      if (answer === 'again') wanted.push(fileRange(envelope.answerChannel!))
    }
  }
  return takeNumbers(client, wanted)
}

/**
 * Which answer is given with this work. A repeat with the same content has none of its own: the answer to the first
 * stands, and a second that rejects the same reference would be taken to be about the first. Where the agreement says
 * so, that of the first goes out once more.
 */
function answerKind(
  computed: ComputedEnvelope,
  repeats: ReadonlyMap<InterchangeId, Repeat>,
): 'own' | 'again' | 'none' {
  if (!computed.final || computed.answerChannel === null) return 'none'
  const repeat = repeats.get(computed.envelope.id)
  if (repeat === undefined || !computed.documents.every(({ verdict }) => verdict.kind === 'duplicate'))
    return 'own'
  return isAnsweredAgain(computed, repeat) ? 'again' : 'none'
}

type WritingTools = Tools & { numbers: TakenNumbers }

function isRange(range: NumberRange | null): range is NumberRange {
  return range !== null
}

/** The last step of a document: its bytes, or the match of an answer. */
async function finish(
  client: Client,
  document: ComputedDocument,
  rows: Rows,
  tools: WritingTools,
): Promise<FinalVerdict> {
  const { verdict } = document
  switch (verdict.kind) {
    case 'mapped': {
      const { numbers } = tools
      const { documentId, transmissionId } = document
      const unused = { documentId, transmissionId }
      numbers.begin()
      if (!numbers.suffice(rangesOf(verdict.mapped))) {
        numbers.lose(rangesOf(verdict.mapped), { ...unused, code: 'numbersExhausted' })
        return { kind: 'held', code: 'numbersExhausted', rule: 'numbers', step: 'write' }
      }
      const startedMs = performance.now()
      const outcome = await attempt<WrittenDocument>(write, verdict.mapped, document, tools)
      const aheadMs = document.stepsMs[write.name] ?? 0
      document.stepsMs[write.name] = roundedMs(aheadMs + performance.now() - startedMs)
      learn(document, outcome)
      if (outcome.kind === 'next') {
        const { failed = [] } = outcome.value
        partFailed(document, failed)
        loseFailed(verdict.mapped, failed, (places) =>
          numbers.loseGiven(places, { ...unused, code: 'notWritable' }),
        )
        return { kind: 'written', outputs: outcome.value.outputs }
      }
      numbers.lose(rangesOf(verdict.mapped), { ...unused, code: 'notWritable' })
      return verdictOf(outcome, write.name) as FinalVerdict
    }
    case 'answer': {
      const matched = await matchAnswer(client, document, verdict.answer)
      rows.entries.push(...matched.entries)
      return matched.verdict
    }
    case 'rejected':
    case 'held':
    case 'duplicate':
      return verdict
  }
}

/** The places, among the numbers of a document, of those that outputs took which could not be written. */
function loseFailed(
  mapped: MappedDocument,
  failed: NonNullable<WrittenDocument['failed']>,
  lose: (places: ReadonlySet<number>) => void,
): void {
  if (failed.length === 0) return
  const places = new Set<number>()
  let at = 0
  for (const output of mapped.outputs) {
    const end = at + rangesOf({ ...mapped, outputs: [output] }).length
    const isFailed = failed.some(({ agreement }) => agreement === output.agreement)
    for (; at < end; at++) if (isFailed) places.add(at)
  }
  lose(places)
}

/** What cannot be written for one receiver goes apart from what the others get. */
function partFailed(document: ComputedDocument, failed: NonNullable<WrittenDocument['failed']>): void {
  const verdict = { kind: 'rejected', code: 'notWritable', step: 'write' } as const
  for (const { agreement, findings } of failed) {
    const known = { ...document.known, findings: [...document.known.findings, ...findings] }
    const part = parted(document, { known, verdict }, [agreement])
    // the same document may be recorded anew after a transaction that failed
    const others = (document.apart ?? []).filter(({ documentId }) => documentId !== part.documentId)
    document.apart = [...others, part]
  }
}

async function addJudged(
  client: Client,
  computed: ComputedEnvelope,
  { rows, repeats, tools }: { rows: Rows; repeats: ReadonlyMap<InterchangeId, Repeat>; tools: WritingTools },
): Promise<void> {
  if (!computed.final) return addInterchange(rows, computed, null)
  const repeat = repeats.get(computed.envelope.id)
  const judgement = judgementOf(computed, repeat === undefined ? null : repeatCodeOf(computed))
  addInterchange(rows, computed, judgement)
  switch (answerKind(computed, repeats)) {
    case 'none':
      return
    case 'own': {
      tools.numbers.begin()
      const answer = answerTo(computed, judgement, tools)
      if (answer !== null) return addAnswer(rows, computed, judgement, answer)
      const ranges = Object.values(answerRanges(computed, computed.answerChannel!))
      const { transmissionId } = computed.envelope.file
      return tools.numbers.lose(ranges.filter(isRange), { transmissionId, code: 'notWritable' })
    }
    case 'again':
      await addAnswerAgain(client, computed, { rows, repeat: repeat!, numbers: tools.numbers })
  }
}

/** An answer repeats the sender's own words; one that cannot be written must not keep the interchange from being recorded. */
function answerTo(computed: ComputedEnvelope, judgement: Judgement, tools: Tools): WrittenAnswer | null {
  try {
    return writeAnswer(computed, judgement, computed.answerChannel!, tools)
  } catch (error) {
    const { transmissionId } = computed.envelope.file
    tools.log.error({ err: error, transmissionId, step: 'write', code: 'notWritable' }, 'answer not written')
    return null
  }
}

async function insert(
  client: Client,
  rows: Rows,
  { sealer, queue }: Omit<Parts, 'store'>,
): Promise<readonly NewPayload[]> {
  await insertWireIds(
    client,
    rows.deliveries.map((row) => ({ channelId: row.channel_id, wireId: row.wire_id, deliveryId: row.id })),
  )
  const kept = await insertPayloads(client, sealer, rows.payloads)
  await sharePayloads(client, rows.shared)
  await insertInterchanges(client, rows.interchanges)
  await insertDocuments(client, rows.documents)
  await setOrigins(client, rows.origins)
  await insertHolds(client, rows.holds)
  await insertOutputs(client, rows.outputs)
  await insertDeliveries(client, rows.deliveries)
  await insertAcknowledgements(client, rows.acknowledgements)
  await appendEntries(client, rows.entries)
  await raiseNotices(client, rows.notices)
  await queue.deliver(client, rows.jobs)
  return kept
}

/** Documents that waited, and go on or end now: others may stand behind them. */
function goneOn({ task, documents }: ComputedWork): DocumentId[] {
  if (task.kind !== 'resume') return []
  return documents.filter(({ verdict }) => verdict.kind !== 'held').map(({ documentId }) => documentId)
}

function splitDone({ transmissionId, task }: ComputedWork) {
  return task.kind === 'split' ? [{ transmissionId, splitTo: task.to }] : []
}
