import type { CodeName } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Incoming } from '#hub/model/transport.ts'

/** `bytes` is null where the file bears no layers: then the raw bytes are the content. */
export type OpenOutcome = { kind: 'opened'; bytes: Buffer | null } | { kind: 'refused'; code: CodeName }

/**
 * Takes off the layers that the door knows of: decrypts, verifies, decompresses. Throws HubError `unexpected` for a fault of
 * the door's own.
 */
export async function open(incoming: Incoming, whole: Buffer | null): Promise<OpenOutcome> {
  if (incoming.open === undefined || whole === null) return { kind: 'opened', bytes: null }
  try {
    return await incoming.open(whole)
  } catch (error) {
    throw new HubError('unexpected', 'opening what came in failed', { cause: error })
  }
}
