import { readConfig } from '#hub/base/config.ts'
import { createLog } from '#hub/base/log.ts'
import { codeRow } from '#hub/model/codes/index.ts'
import { isId } from '#hub/model/ids.ts'
import type { ReplayItem, ReplayKind } from '#hub/model/replay.ts'
import { planOfReplay, runReplay, type PlannedReplay, type ReplayAsked } from '#hub/replay-tools.ts'
import { withTools } from '#hub/tools.ts'
import { onePositional, requiredOption, textOption, UsageError, type Call, type Verb } from './verb.ts'

const common = {
  by: { type: 'string' },
  reason: { type: 'string' },
  plan: { type: 'boolean' },
  search: { type: 'string' },
  env: { type: 'string' },
  delivery: { type: 'string' },
  processing: { type: 'string' },
  code: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
} as const

const selectionHelp = `ID is a document or a delivery. Instead of it --search WORDS finds documents as the list of the portal does; --env, --delivery STATE,
--processing STATE, --code, --since and --until narrow it. With --plan nothing is done: what would be is printed, with the id by which
"crossdock replay run" does exactly that, within the hour.`

export const replayAgain: Verb = {
  name: 'replay again',
  summary: 'has deliveries tried again: same identity, same bytes',
  usage: 'crossdock replay again ID|--search WORDS --by EMAIL --reason TEXT [--plan]',
  help: `A receiver that drops repeats sees each once. ${selectionHelp}`,
  options: common,
  run: (call) => ask(call, 'again'),
}

export const replayAsNew: Verb = {
  name: 'replay as-new',
  summary: 'sends documents once more: same content, new identity and numbers',
  usage: 'crossdock replay as-new ID|--search WORDS --by EMAIL --reason TEXT [--plan]',
  help: `The receiver takes each for another document. ${selectionHelp}`,
  options: common,
  run: (call) => ask(call, 'as_new'),
}

export const replayReprocess: Verb = {
  name: 'replay reprocess',
  summary: 'processes documents again, as new documents linked to the first',
  usage:
    'crossdock replay reprocess ID|--search WORDS --by EMAIL --reason TEXT [--from resolve|judge|map] [--mapping today|pinned] [--plan]',
  help: `From the bytes as received (resolve, the default), or from the canonical document, judged again or not (judge, map); by today's
mappings, or those of then. ${selectionHelp}`,
  options: { ...common, from: { type: 'string' }, mapping: { type: 'string' } },
  run: (call) => ask(call, 'reprocess'),
}

export const replayRun: Verb = {
  name: 'replay run',
  summary: 'carries out a plan that "crossdock replay … --plan" has shown',
  usage: 'crossdock replay run PLAN --by EMAIL',
  help: 'Does what the plan lists, each thing once, however often this is called. Exit code 1 where something could not be done.',
  options: { by: { type: 'string' } },
  run: async (call) => {
    const id = onePositional(call, 'PLAN')
    if (!isId(id)) throw new UsageError('PLAN is the id that --plan has printed')
    const by = requiredOption(call, 'by')
    return withTools(readConfig(call.env), async (tools) =>
      told(call, await runReplay(tools, createLog('error'), { id, by })),
    )
  },
}

async function ask(call: Call, kind: ReplayKind): Promise<number> {
  const asked = askedOf(call, kind)
  return withTools(readConfig(call.env), async (tools) => {
    const planned = await planOfReplay(tools, asked)
    if (call.options['plan'] === true) return shown(call, planned)
    return told(call, await runReplay(tools, createLog('error'), { id: planned.id, by: asked.by }))
  })
}

function askedOf(call: Call, kind: ReplayKind): ReplayAsked {
  const { positionals } = call
  const search = Object.fromEntries(
    (['search', 'env', 'delivery', 'processing', 'code', 'since', 'until'] as const).flatMap((name) => {
      const value = textOption(call, name)
      return value === undefined ? [] : [[name === 'search' ? 'q' : name, value]]
    }),
  )
  const searching = Object.keys(search).length > 0
  if (positionals.length + Number(searching) !== 1) throw new UsageError('give one ID, or --search WORDS')
  if (!searching && !isId(positionals[0]!)) throw new UsageError('ID is that of a document or of a delivery')
  return {
    kind,
    by: requiredOption(call, 'by'),
    reason: requiredOption(call, 'reason'),
    what: searching ? { search } : { id: positionals[0]! },
    from: textOption(call, 'from'),
    mapping: textOption(call, 'mapping'),
  }
}

function shown(call: Call, { id, kind, env, items }: PlannedReplay): number {
  if (call.json)
    call.out(JSON.stringify({ plan: id, kind, environment: env, count: items.length, items }, null, 2))
  else
    call.out(
      [
        `${items.length} ${items.length === 1 ? 'thing' : 'things'} (${env}), nothing is done yet:`,
        ...items.map(({ documentId, deliveryId }) => `  ${lineOf(documentId, deliveryId)}`),
        `To do exactly this: crossdock replay run ${id} --by ${textOption(call, 'by')}`,
      ].join('\n'),
    )
  return 0
}

function told(call: Call, items: readonly ReplayItem[]): number {
  const skipped = items.filter(({ outcome }) => outcome !== 'done')
  if (call.json) call.out(JSON.stringify({ count: items.length, items }, null, 2))
  else
    call.out(
      [
        ...items.map((item) => `  ${lineOf(item.documentId, item.deliveryId)}: ${endOf(item)}`),
        `${items.length - skipped.length} done, ${skipped.length} not`,
      ].join('\n'),
    )
  return skipped.length === 0 ? 0 : 1
}

function lineOf(documentId: string | null, deliveryId: string | null): string {
  return [documentId && `document ${documentId}`, deliveryId && `delivery ${deliveryId}`]
    .filter(Boolean)
    .join(', ')
}

function endOf({ outcome, code, madeId }: ReplayItem): string {
  if (outcome === 'done') return `done, as ${madeId}`
  return `${code} ${codeRow(code ?? '')?.en.what ?? ''}`
}
