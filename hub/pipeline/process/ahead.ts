import { serialiseCanonical } from '#hub/canonical/index.ts'
import type { ComputedDocument } from './computed.ts'
import { marksOf } from './marks.ts'
import type { FoundDocument, MappedDocument, MappedOutput, Outcome, Tools } from './stages.ts'
import { attempt, learn, roundedMs, verdictOf } from './travel.ts'
import { faultsOf, isBundled, provisional, writeBytes } from './write.ts'

/*
 * What of the last step needs no transaction. Trees are many times larger than their bytes: a document that waits for the
 * others of its batch keeps bytes alone, or the garbage collector carries all the trees of a batch from place to place.
 */

/** Writes what bears no control number and the canonical document, and lets go of the trees they were made from. */
export async function writeAhead(document: ComputedDocument, tools: Tools): Promise<ComputedDocument> {
  const written = await writtenAhead(document, tools)
  for (const part of written.apart ?? []) letGoOfCanonical(part)
  letGoOfCanonical(written)
  return written
}

function letGoOfCanonical(document: ComputedDocument): void {
  const { canonical } = document.known
  if (canonical === null) return
  document.marks = marksOf(document)
  document.canonicalBytes = serialiseCanonical(canonical)
  document.known.canonical = null
}

async function writtenAhead(document: ComputedDocument, tools: Tools): Promise<ComputedDocument> {
  if (document.verdict.kind !== 'mapped') return document
  const startedMs = performance.now()
  const { mapped } = document.verdict
  const outcome = await attempt<MappedDocument>({ ...step, run: outputsAhead }, mapped, document, tools)
  document.stepsMs[step.name] = roundedMs(performance.now() - startedMs)
  learn(document, outcome)
  document.verdict =
    outcome.kind === 'next' ? { kind: 'mapped', mapped: outcome.value } : verdictOf(outcome, step.name)
  return document
}

const step = { name: 'write', faultCode: 'notWritable' } as const

function outputsAhead(mapped: MappedDocument, tools: Tools): Outcome<MappedDocument> {
  const outputs: MappedOutput[] = []
  const several = mapped.outputs.length > 1
  for (const output of mapped.outputs) {
    const { agreement, message } = output
    const format = tools.formats[message.format]
    if ((format.bearsReferences && !isBundled(agreement)) || output.kept !== undefined) {
      outputs.push(output)
      continue
    }
    const references = format.bearsReferences ? provisional : { reference: '', messageReference: '' }
    // of several the last step finds out once more which one it is, and parts it from the others
    const written = () => writeBytes(format, { mapped, output, ...references }, tools)
    const bytes = several ? orNull(written) : written()
    const findings = bytes === null ? [] : faultsOf(format, bytes)
    if (findings !== null && several) {
      outputs.push(output)
      continue
    }
    if (findings !== null || bytes === null)
      return { kind: 'reject', code: 'notWritable', findings: findings ?? [] }
    outputs.push({ agreement, message: { ...message, tree: null }, bytes })
  }
  return { kind: 'next', value: { ...mapped, outputs } }
}

function orNull<Made>(make: () => Made): Made | null {
  try {
    return make()
  } catch {
    return null
  }
}

/** Lets go of the tree that a document was read from: nothing after the steps that compute looks at it. */
export function letGoOfSource({ envelope, position, message }: FoundDocument): void {
  if (envelope === null || message === null) return
  const place = envelope.messages.indexOf(message, position - 1)
  if (place >= 0) envelope.messages[place] = { ...message, tree: undefined }
}
