import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { readConfig } from '#hub/base/config.ts'
import { createLog } from '#hub/base/log.ts'
import { codes } from '#hub/model/codes/index.ts'
import { channelOfPartner, withReceive, withTools } from '#hub/tools.ts'
import { onePositional, requiredOption, textOption, UsageError, type Verb } from './verb.ts'

export const send: Verb = {
  name: 'send',
  summary: 'submits a document as if a partner had sent it',
  usage: 'crossdock send FILE --from PARTNER [--channel KEY]',
  help: `Takes the file in at the partner's channel (the only one, or the one of --channel) and prints the exchange's id. A running hub
processes it at once; "crossdock trace" tells how it went on.`,
  options: { from: { type: 'string' }, channel: { type: 'string' } },
  run: async (call) => {
    const path = onePositional(call, 'FILE')
    const partner = requiredOption(call, 'from')
    const facts = await stat(path).catch(() => null)
    if (facts === null || !facts.isFile()) throw new UsageError(`cannot open ${path}: there is no such file`)
    const received = await withTools(readConfig(call.env), async (tools) => {
      const channel = await channelOfPartner(tools, partner, textOption(call, 'channel') ?? null)
      return withReceive(tools, createLog('error'), (receive) =>
        receive({
          channel,
          kind: 'file',
          name: basename(path).slice(0, 255),
          mediaType: null,
          body: createReadStream(path),
          lengthHint: facts.size,
          once: null,
          evidence: { door: 'command line' },
        }),
      )
    })
    if (received.kind === 'accepted' || received.kind === 'duplicate') {
      const { transmissionId, sha256 } = received
      if (call.json)
        call.out(
          JSON.stringify({ id: transmissionId, status: received.kind, sha256: sha256.toString('hex') }),
        )
      else call.out(`${received.kind === 'accepted' ? 'Accepted' : 'Accepted before'} as ${transmissionId}`)
      return 0
    }
    const row = codes[received.code]
    call.error(`Not accepted: ${row.code} ${row.en.what}\n  ${row.en.fix}`)
    return 1
  },
}
