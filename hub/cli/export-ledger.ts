import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { readConfig } from '#hub/base/config.ts'
import { HubError } from '#hub/model/errors.ts'
import { exportLedger } from '#hub/ledger/export.ts'
import { readCheckpoint, type Checkpoint } from '#hub/ledger/note.ts'
import { withTools } from '#hub/tools.ts'
import type { Store } from '#hub/store/connect.ts'
import { partnerIdOf } from '#hub/store/ledger-export.ts'
import { textOption, UsageError, type Call } from './verb.ts'

/** `crossdock export --ledger`: writes the lines and says how many entries there were. */
export async function exportTheLedger(call: Call): Promise<number> {
  const kept = await keptCheckpoint(textOption(call, 'checkpoint'))
  await withTools(readConfig(call.env), async ({ store }) => {
    const partnerId = await partnerOf(store, textOption(call, 'partner'))
    const out = textOption(call, 'out')
    const entries = await write(out, exportLedger(store.worker, { partnerId, kept }))
    if (out !== undefined) say(call, out, entries)
  })
  return 0
}

async function keptCheckpoint(path: string | undefined): Promise<Checkpoint | null> {
  if (path === undefined) return null
  const kept = readCheckpoint(await readFile(path, 'utf8'))
  if (kept === null) throw new UsageError(`${path} does not hold a checkpoint`)
  return kept
}

async function partnerOf(store: Store, key: string | undefined): Promise<string | null> {
  if (key === undefined) return null
  const id = await partnerIdOf(store.worker, key)
  if (id === null)
    throw new HubError(
      'nameUnknown',
      `there is no partner \`${key}\`; "crossdock export" lists all there are`,
    )
  return id
}

/** Returns how many entries there were. */
async function write(path: string | undefined, lines: AsyncIterable<string>): Promise<number> {
  const stream: Writable = path === undefined ? process.stdout : createWriteStream(path)
  const failed = once(stream, 'error').then(([error]) => Promise.reject(error as Error))
  failed.catch(() => {})
  let last = ''
  for await (const line of lines) {
    last = line
    if (!stream.write(`${line}\n`)) await Promise.race([once(stream, 'drain'), failed])
  }
  if (path !== undefined) {
    stream.end()
    await finished(stream)
  }
  return (JSON.parse(last) as { end: number }).end
}

function say(call: Call, out: string, entries: number): void {
  call.out(
    call.json ? JSON.stringify({ out, entries }) : `${entries} entries of the ledger written to ${out}`,
  )
}
