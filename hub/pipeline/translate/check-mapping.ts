import type { Clock } from '#hub/base/clock.ts'
import type { Log } from '#hub/base/log.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { Format, FormatName, ReadMessage } from '#hub/model/format.ts'
import { newId } from '#hub/model/ids.ts'
import type { CanonicalDocument, Mappings } from '#hub/model/mapping.ts'
import { canonicalise } from '../process/canonicalise.ts'
import type { CheckedMessage, Tools } from '../process/stages.ts'
import { noNumbers } from '../process/stages.ts'
import { attempt } from '../process/travel.ts'
import { noChannel } from './index.ts'
import { mappingFor, namedAgreements } from './named.ts'

export interface CheckMappingParts {
  mappings: Mappings
  formats: Readonly<Record<FormatName, Format>>
  clock: Clock
  log: Log
}

/**
 * What the library's mapping for a message makes of it, and what it misses, in the words of its format; null where the library has none. The
 * pipeline's own step, without a partner's profile.
 */
export async function checkMapping(
  message: ReadMessage,
  parts: CheckMappingParts,
): Promise<{ mapping: string; canonical: CanonicalDocument | null; findings: Finding[] } | null> {
  const { mappings, clock } = parts
  const type = mappings.typeOf(message.format, message.wireType, message.documentCode)
  const mapping = type === null ? null : mappingFor(mappings, message.format, type)
  if (type === null || mapping === null) return null
  const channel = noChannel()
  const agreements = namedAgreements({ from: mapping, to: mapping }, mappings)
  const { sender, receiver, format, guide } = message
  const question = { channel, sender, receiver, env: null, format, type, guide, at: clock.now() }
  const resolution = await agreements.resolve(question)
  if (resolution.kind !== 'resolved') return null
  const value = {
    documentId: newId(),
    channel,
    format: parts.formats[format],
    message,
    resolution,
    findings: [],
  } as CheckedMessage
  const tools: Tools = { ...parts, agreements, numbers: noNumbers, detectFormat: () => format }
  const traveller = { documentId: newId<never>(), transmissionId: newId<never>() }
  const outcome = await attempt<{ canonical: CanonicalDocument }>(canonicalise, value, traveller, tools)
  if (outcome.kind === 'next')
    return { mapping, canonical: outcome.value.canonical, findings: outcome.known?.findings ?? [] }
  return { mapping, canonical: null, findings: (outcome.kind === 'reject' && outcome.findings) || [] }
}
