import { readConfig } from '#hub/base/config.ts'
import {
  leavingPartner,
  offboardPartner,
  stayingPartner,
  type Leaving,
  type UnderWay,
} from '#hub/configuration-tools.ts'
import { withTools } from '#hub/tools.ts'
import { onePositional, requiredOption, textOption, UsageError, type Verb } from './verb.ts'

export const partnerOffboard: Verb = {
  name: 'partner offboard',
  summary: 'ends a partner at a date: channels, log-ins, profiles, agreements; history stays',
  usage: `crossdock partner offboard KEY --by EMAIL --reason TEXT [--on DAY]
crossdock partner offboard KEY --plan
crossdock partner offboard KEY --cancel --by EMAIL`,
  help: `At the beginning of --on (UTC; now, where no day is given) its channels are suspended, its log-ins revoked, its profiles and agreements
retired and its names given free. A running hub carries it out. Until then nothing changes, and --cancel takes it back.
--plan says what would end and what is under way, with what to do about it, and changes nothing. Documents, timelines and the ledger stay,
and are found as before.`,
  options: {
    by: { type: 'string' },
    reason: { type: 'string' },
    on: { type: 'string' },
    plan: { type: 'boolean' },
    cancel: { type: 'boolean' },
  },
  run: async (call) => {
    const partner = onePositional(call, 'KEY of a partner')
    const config = readConfig(call.env)
    if (call.options['plan'] === true) {
      const leaving = await withTools(config, (tools) => leavingPartner(tools, partner))
      call.out(call.json ? JSON.stringify(leaving, null, 2) : leavingText(leaving, 'would end'))
      return leaving.underWay.length > 0 ? 1 : 0
    }
    const by = requiredOption(call, 'by')
    if (call.options['cancel'] === true) {
      const at = await withTools(config, (tools) => stayingPartner(tools, { partner, by }))
      call.out(
        call.json
          ? JSON.stringify({ partner, cancelled: at })
          : `${partner} stays; ${day(at)} is taken back.`,
      )
      return 0
    }
    const asked = { partner, by, reason: requiredOption(call, 'reason'), at: dayOf(textOption(call, 'on')) }
    if (asked.reason.trim() === '' || asked.reason.length > 1_000)
      throw new UsageError('a reason has 1 to 1000 characters')
    const { leaving, ended } = await withTools(config, (tools) => offboardPartner(tools, asked))
    if (call.json) call.out(JSON.stringify({ leaving, ended }, null, 2))
    else call.out(leavingText(leaving, ended === null ? `end at ${day(asked.at)}` : 'ended'))
    return 0
  },
}

function dayOf(text: string | undefined): Date {
  if (text === undefined) return new Date()
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new UsageError('--on is a day such as 2027-03-31')
  return new Date(text)
}

function day(at: Date): string {
  return at.toISOString()
}

function leavingText(leaving: Leaving, verb: string): string {
  const { partner, channels, credentials, profiles, agreements, underWay } = leaving
  const list = (names: string[]) => (names.length === 0 ? '' : ` (${names.join(', ')})`)
  return [
    `Of ${partner} ${verb}: ${channels.length} channels${list(channels)}, ${credentials} log-ins, ${profiles} profiles, ${agreements.length} agreements${list(agreements)}`,
    ...(underWay.length === 0 ? ['Nothing is under way.'] : ['Under way:', ...underWay.map(underWayText)]),
  ].join('\n')
}

function underWayText({ kind, count, oldest }: UnderWay): string {
  const { what, todo } = underWayTexts[kind]
  return `  ${count} ${what}, the oldest ${oldest}: ${todo}`
}

const underWayTexts: Readonly<Record<UnderWay['kind'], { what: string; todo: string }>> = {
  held: { what: 'documents held', todo: 'release or reject them before the date' },
  waiting: {
    what: 'documents waiting',
    todo: 'they go on while the hub runs; what waits at the date finds no agreement',
  },
  deliveriesHeld: { what: 'deliveries held', todo: 'decide on them before the date' },
  deliveriesWaiting: {
    what: 'deliveries waiting',
    todo: 'they go out until the date, and stay waiting after it',
  },
  deliveriesPending: {
    what: 'deliveries without their proof',
    todo: 'ask the partner to fetch or to confirm them',
  },
  answersOwed: {
    what: 'acknowledgements owed to it',
    todo: 'they go out with their deliveries until the date',
  },
  answersAwaited: { what: 'acknowledgements expected from it', todo: 'ask the partner for them' },
}
