import { checkCanonical, measure } from '#hub/canonical/index.ts'
import { limitsOf } from '#hub/model/channel-limits.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import type { CanonicalDocument, Place } from '#hub/model/mapping.ts'
import type { CheckedMessage, Known, RoutedDocument, Step } from './stages.ts'

/** Maps a message to the canonical document, by the mapping of the sender's profile, and checks that it is complete. */
export const canonicalise: Step<CheckedMessage, RoutedDocument> = {
  name: 'canonicalise',
  faultCode: 'mappingFailed',
  run: async ({ documentId, channel, message, resolution, findings: before }, { mappings }) => {
    const { mapping } = resolution.profile.terms
    const { canonical, findings: mapped } = await mappings.toCanonical(mapping, message)
    const incomplete = checkCanonical(canonical, limitsOf(channel)).map((one) =>
      inWordsOf(one, mappings.placeOf(mapping, one.position.path ?? '')),
    )
    const findings = [...before, ...mapped, ...incomplete]
    if (findings.some((finding) => finding.severity === 'error'))
      return { kind: 'reject', code: 'canonicalIncomplete', findings }
    return {
      kind: 'next',
      value: { documentId, resolution, canonical, sizeBytes: message.length },
      known: { findings, canonical, ...factsOf(message, canonical) },
    }
  },
}

/** A finding about a canonical member, in the words of the format that the sender writes. */
function inWordsOf(finding: Finding, place: Place | null): Finding {
  if (place === null) return finding
  const { what, write } = place
  if (finding.code === 'canonicalMissing') return { ...finding, message: `${what} is missing: add ${write}` }
  const rule = finding.message.replace(`${finding.position.path}: `, '')
  return { ...finding, message: `${what} (${write}) ${rule}` }
}

/** The reader's facts stand; the canonical document fills what it did not find. */
function factsOf(message: ReadMessage, canonical: CanonicalDocument): Partial<Known> {
  return {
    type: canonical.type,
    number: message.number ?? textIn(canonical.id),
    function: message.function ?? textIn(canonical.function),
    lines: message.lines > 0 ? message.lines : measure(canonical).lines,
  }
}

function textIn(member: unknown): string | null {
  return typeof member === 'string' ? member : null
}
