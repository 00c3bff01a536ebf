import type { Finding } from '#hub/model/findings.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'
import type { ClearedDocument, MappedDocument, MappedOutput, Step } from './stages.ts'

/**
 * Maps the canonical document to what each receiver's profile wants. One that cannot be mapped stops all of them; what
 * has no place in a receiver's form is noted among the document's findings.
 */
export const map: Step<ClearedDocument, MappedDocument> = {
  name: 'map',
  faultCode: 'mappingFailed',
  run: async ({ documentId, canonical, resolution }, { mappings }) => {
    const outputs: MappedOutput[] = []
    const findings: Finding[] = []
    for (const agreement of resolution.agreements) {
      const { terms } = agreement.receiver
      const said = withFunction(canonical, agreement.messageFunction)
      const message = await mappings.fromCanonical(terms.mapping, said, {
        sender: agreement.wireSender,
        receiver: agreement.wireReceiver,
        settings: terms.mappingSettings ?? {},
        ...(terms.write && { write: terms.write }),
      })
      findings.push(...message.findings)
      outputs.push({ agreement, message })
    }
    if (findings.some((finding) => finding.severity === 'error'))
      return { kind: 'reject', code: 'notWritable', findings }
    const number = typeof canonical.id === 'string' ? canonical.id : null
    return { kind: 'next', value: { documentId, env: resolution.env, number, outputs }, notes: findings }
  },
}

/** The document as the receiver is to take it: of one that is processed again, its profile may say that it is a copy. */
function withFunction(canonical: CanonicalDocument, messageFunction: string | undefined): CanonicalDocument {
  if (messageFunction === undefined || !('function' in canonical)) return canonical
  return { ...canonical, function: messageFunction }
}
