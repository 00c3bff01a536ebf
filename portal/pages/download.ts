import { once } from 'node:events'
import type { Response } from 'express'
import type { PayloadId } from '#hub/model/ids.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Queryable } from '#hub/store/connect.ts'
import { payloadFacts, readPayloadChunks } from '#hub/store/payload.ts'

export interface Download {
  client: Queryable
  sealer: Sealer
  id: PayloadId
  name: string
}

/**
 * Sends kept bytes as a file to save, whatever they are: never shown by the browser. Throws HubError `notFound` where the
 * viewer may not see them. A fault found on the way breaks the connection, so that no half file looks whole.
 */
export async function sendPayload(response: Response, { client, sealer, id, name }: Download): Promise<void> {
  const facts = await payloadFacts(client, id)
  if (facts === null) throw new HubError('notFound')
  const chunks = readPayloadChunks(client, sealer, id)
  // the first piece is opened before anything is said
  const first = await chunks.next()
  response.attachment(safeName(name))
  response.set({
    'content-type': 'application/octet-stream',
    'content-length': String(facts.sizeBytes),
    'content-security-policy': "default-src 'none'; sandbox",
  })
  try {
    if (!first.done) await write(response, first.value)
    for await (const chunk of chunks) await write(response, chunk)
    response.end()
  } catch (error) {
    response.destroy()
    throw error
  }
}

async function write(response: Response, chunk: Buffer): Promise<void> {
  if (response.destroyed) throw new Error('the reader went away')
  if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')])
}

/** A name without folders and control characters. */
function safeName(name: string): string {
  const plain = name
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*]/g, '_')
    .replace(/^\.+/, '')
    .slice(0, 200)
  return plain === '' ? 'document' : plain
}
