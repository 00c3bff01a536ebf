import { createLog } from '#hub/base/log.ts'
import { readConfig } from '#hub/base/config.ts'
import {
  decideAboutHold,
  holdNamed,
  openHolds,
  withTools,
  type holdDecisions,
  type HoldBatch,
  type HoldMember,
} from '#hub/tools.ts'
import { onePositional, requiredOption, textOption, UsageError, type Call, type Verb } from './verb.ts'

const listedMost = 200

export const holdList: Verb = {
  name: 'hold list',
  summary: 'lists what is on hold and waits for a person',
  usage: 'crossdock hold list',
  help: 'The newest first: id, rule, how many documents, sender, agreement. docs/holds.md says what holds documents.',
  run: async (call) => {
    const { holds, more } = await withTools(readConfig(call.env), (tools) => openHolds(tools, listedMost))
    if (call.json) call.out(JSON.stringify({ holds, more }, null, 2))
    else if (holds.length === 0) call.out('Nothing is on hold.')
    else for (const hold of holds) call.out(lineOf(hold))
    if (more && !call.json) call.out(`There are more than ${listedMost}.`)
    return 0
  },
}

export const holdShow: Verb = {
  name: 'hold show',
  summary: 'shows a hold with what is in it',
  usage: 'crossdock hold show HOLD',
  help: 'One line a document: its number and id, the rule, what it is a repeat of or waits behind, and what was decided.',
  run: async (call) => {
    const id = onePositional(call, 'HOLD')
    const { hold, members } = await withTools(readConfig(call.env), (tools) => holdNamed(tools, id))
    if (call.json) call.out(JSON.stringify({ ...hold, members }, null, 2))
    else [lineOf(hold), ...members.map(memberLine)].forEach(call.out)
    return 0
  },
}

export const holdRelease: Verb = {
  ...decision('release'),
  summary: 'lets documents on hold go on, or a held delivery be tried again',
  usage: 'crossdock hold release HOLD --by EMAIL --reason TEXT [--documents NUMBER,…] [--today]',
  help: `All of the hold, or the documents named by number or id. They go on by the versions of agreement, profiles and mappings they were judged
with; with --today by those of today. Documents that wait behind another follow it by themselves.`,
}

export const holdReject: Verb = {
  ...decision('reject'),
  summary: 'rejects documents on hold, or stops a held delivery',
  usage: 'crossdock hold reject HOLD --by EMAIL --reason TEXT [--documents NUMBER,…]',
  help: 'The sender is told, with the reason. Documents that wait behind a rejected one go on, unless they are named.',
}

export const holdConfirm: Verb = {
  ...decision('confirm'),
  summary: 'records that a partner said it has a delivery that is on hold',
  usage: 'crossdock hold confirm HOLD --by EMAIL --reason TEXT',
  help: "The person's word is the proof of delivery; the reason says how it is known.",
}

function decision(name: (typeof holdDecisions)[number]): Pick<Verb, 'name' | 'options' | 'run'> {
  return {
    name: `hold ${name}`,
    options: {
      by: { type: 'string' },
      reason: { type: 'string' },
      ...(name !== 'confirm' && { documents: { type: 'string' } }),
      ...(name === 'release' && { today: { type: 'boolean' } }),
    },
    run: (call) => decide(call, name),
  }
}

async function decide(call: Call, name: (typeof holdDecisions)[number]): Promise<number> {
  const holdId = onePositional(call, 'HOLD')
  const by = requiredOption(call, 'by')
  const reason = requiredOption(call, 'reason').trim()
  if (reason === '') throw new UsageError('--reason is empty')
  const documents =
    textOption(call, 'documents')
      ?.split(',')
      .map((each) => each.trim()) ?? null
  const today = call.options['today'] === true
  const config = readConfig(call.env)
  const asked = { holdId, decision: name, documents, reason, today, by }
  const { decided, behind } = await withTools(config, (tools) =>
    decideAboutHold(tools, asked, createLog('warn')),
  )
  if (call.json) call.out(JSON.stringify({ decided, behind }))
  else {
    call.out(`Decided: ${decided.length}.`)
    if (behind.length > 0) call.out(`${behind.length} more wait behind another and follow it by themselves.`)
  }
  return decided.length > 0 ? 0 : 1
}

function lineOf({ id, of, rule, code, open, behind, senderName, agreement, since }: HoldBatch): string {
  const what =
    of === 'delivery' ? 'delivery' : `${open} open${behind > 0 ? ` (${behind} behind another)` : ''}`
  const from = [senderName, agreement].filter((word) => word !== null).join(', ')
  return `${id}  ${rule} ${code}  ${what}  ${from}  since ${since.toISOString()}`
}

function memberLine({
  documentId,
  deliveryId,
  number,
  type,
  rule,
  ofId,
  decision: made,
  reason,
}: HoldMember) {
  const what = documentId === null ? `delivery ${deliveryId}` : `${type} ${number ?? ''} ${documentId}`
  const first = ofId === null ? '' : ` ${rule === 'behind' ? 'behind' : 'repeats'} ${ofId}`
  return `  ${what}  ${rule}${first}  ${made === null ? 'waits' : `${made}: ${reason}`}`
}
