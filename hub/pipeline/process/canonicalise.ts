import { checkCanonical, isOrder, measure } from '#hub/canonical/index.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'
import type { CheckedMessage, Known, RoutedDocument, Step } from './stages.ts'

/** Maps a message to the canonical document, by the mapping of the sender's profile, and checks that it is complete. */
export const canonicalise: Step<CheckedMessage, RoutedDocument> = {
  name: 'canonicalise',
  faultCode: 'mappingFailed',
  run: ({ documentId, message, resolution, findings: before }, { mappings }) => {
    const { canonical, findings: mapped } = mappings.toCanonical(resolution.profile.terms.mapping, message)
    const findings = [...before, ...mapped, ...checkCanonical(canonical)]
    if (findings.some((finding) => finding.severity === 'error'))
      return { kind: 'reject', code: 'canonicalIncomplete', findings }
    return {
      kind: 'next',
      value: { documentId, resolution, canonical },
      known: { findings, canonical, ...factsOf(message, canonical) },
    }
  },
}

/** The reader's facts stand; the canonical document fills what it did not find. */
function factsOf(message: ReadMessage, canonical: CanonicalDocument): Partial<Known> {
  const order = isOrder(canonical) ? canonical : null
  return {
    type: canonical.type,
    number: message.number ?? order?.id ?? null,
    function: message.function ?? order?.function ?? null,
    lines: message.lines > 0 ? message.lines : measure(canonical).lines,
  }
}
