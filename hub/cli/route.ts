import { createLog } from '#hub/base/log.ts'
import { readConfig } from '#hub/base/config.ts'
import { listUnrouted, routeUnrouted, withTools } from '#hub/tools.ts'
import { requiredOption, type Verb } from './verb.ts'

export const unrouted: Verb = {
  name: 'unrouted',
  summary: 'lists what found no way, by cause, with the configuration that would make one',
  usage: 'crossdock unrouted [--json]',
  help: `Documents of one sender, kind and receiver that found no way for one reason are one cause. Those on hold go on by "crossdock route" once the
agreement is applied; the others were rejected, and their sender sends them again. docs/routing.md is the reference. Exit code 1 where there is something.`,
  run: async (call) => {
    const causes = await withTools(readConfig(call.env), ({ store }) => listUnrouted(store))
    if (call.json) call.out(JSON.stringify({ causes }, null, 2))
    else if (causes.length === 0) call.out('Nothing is without a way.')
    else
      for (const {
        cause,
        code,
        what,
        sender,
        receiver,
        named,
        type,
        env,
        held,
        count,
        suggestion,
      } of causes) {
        const to = receiver ?? named ?? 'nobody named'
        call.out(`${cause}  ${code} ${what.en}`)
        call.out(`  ${type} (${env}) from ${sender} to ${to}: ${held} on hold, ${count} in all`)
        if (suggestion !== null) call.out(suggestion.trimEnd().replace(/^/gm, '    '))
      }
    return causes.length === 0 ? 0 : 1
  },
}

export const route: Verb = {
  name: 'route',
  summary: 'routes all documents that wait for a way, for one cause',
  usage: 'crossdock route --cause CAUSE --by EMAIL --reason TEXT',
  help: `CAUSE is an id of "crossdock unrouted", or its first eight digits. Documents for which there is still no way are on hold again.
Exit code 1 where none was on hold.`,
  options: { cause: { type: 'string' }, by: { type: 'string' }, reason: { type: 'string' } },
  run: async (call) => {
    const cause = requiredOption(call, 'cause')
    const by = requiredOption(call, 'by')
    const reason = requiredOption(call, 'reason')
    const config = readConfig(call.env)
    const routed = await withTools(config, (tools) =>
      routeUnrouted(tools, { cause, by, reason }, createLog('warn')),
    )
    if (call.json) call.out(JSON.stringify({ cause, routed }))
    else
      call.out(`${routed} document${routed === 1 ? '' : 's'} look${routed === 1 ? 's' : ''} for a way again.`)
    return routed === 0 ? 1 : 0
  },
}
