import { readConfig } from '#hub/base/config.ts'
import { createLog } from '#hub/base/log.ts'
import { isId } from '#hub/model/ids.ts'
import { actAbout, blockingDeliveries, type Blocking, type DeliveryAction } from '#hub/replay-tools.ts'
import { withTools } from '#hub/tools.ts'
import { onePositional, requiredOption, UsageError, type Verb } from './verb.ts'

export const deliveryBlocking: Verb = {
  name: 'delivery blocking',
  summary: 'lists the deliveries that keep others of their ordered key waiting',
  usage: 'crossdock delivery blocking',
  help: 'The one with the most behind it first, with what can be done about each. docs/replays.md says what order is. Exit code 1 where there is one.',
  run: async (call) => {
    const found = await withTools(readConfig(call.env), blockingDeliveries)
    if (call.json) call.out(JSON.stringify(found, null, 2))
    else if (found.length === 0) call.out('No delivery keeps others waiting.')
    else for (const one of found) call.out(lineOf(one))
    return found.length === 0 ? 0 : 1
  },
}

export const deliveryRetry = about(
  'retry',
  'has a delivery that waits, is held or was refused tried again now',
)
export const deliveryStop = about(
  'stop',
  'ends a delivery: it is never tried again, and the next of its key goes on',
)
export const deliveryConfirm = about('confirm', 'takes the partner’s word that it has the document')

function about(action: DeliveryAction, summary: string): Verb {
  return {
    name: `delivery ${action}`,
    summary,
    usage: `crossdock delivery ${action} DELIVERY --by EMAIL --reason TEXT`,
    help: 'DELIVERY is its id, as "crossdock delivery blocking" and "crossdock trace --json" print it.',
    options: { by: { type: 'string' }, reason: { type: 'string' } },
    run: async (call) => {
      const id = onePositional(call, 'DELIVERY')
      if (!isId(id)) throw new UsageError('DELIVERY is the id of a delivery')
      const asked = { id, action, by: requiredOption(call, 'by'), reason: requiredOption(call, 'reason') }
      await withTools(readConfig(call.env), (tools) => actAbout(tools, createLog('error'), asked))
      call.out(call.json ? JSON.stringify({ delivery: id, action }) : 'Done.')
      return 0
    },
  }
}

function lineOf({ deliveryId, state, code, partner, channel, number, behind, actions }: Blocking): string {
  const what = number === null ? deliveryId : `${number} (${deliveryId})`
  const why = code === null ? state : `${state}, ${code}`
  return `${what} to ${partner} by ${channel}: ${why}; ${behind} behind it; ${actions.join(', ') || 'wait'}`
}
