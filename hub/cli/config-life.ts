import { readConfig } from '#hub/base/config.ts'
import {
  comparisonOf,
  rollbackTo,
  usedKinds,
  usesOf,
  versionedKinds,
  versionsOf,
  type FieldChange,
  type UsedKind,
  type VersionedKind,
  type WhereUsed,
} from '#hub/configuration-tools.ts'
import { planFiles, withTools } from '#hub/tools.ts'
import { applyInName, byOption } from './apply-in-name.ts'
import { requiredOption, textOption, UsageError, type Call, type Verb } from './verb.ts'

const naming = `A profile is named PARTNER/DIRECTION/TYPE/FORMAT/ENV, with its guide behind it where it has one, e.g.
retailer/sends/order/edifact/test; an agreement, mapping or code list by its key.`

export const configVersions: Verb = {
  name: 'config versions',
  summary: 'lists the versions of a profile, agreement, mapping or code list',
  usage: `crossdock config versions ${versionedKinds.join('|')} KEY`,
  help: naming,
  run: async (call) => {
    const { kind, key } = named(call)
    const thing = await withTools(readConfig(call.env), (tools) => versionsOf(tools, kind, key))
    const lines = thing.versions.map(({ version, state, at }) =>
      `version ${version}  ${state.padEnd(7)}  ${at?.toISOString() ?? ''}`.trimEnd(),
    )
    call.out(call.json ? JSON.stringify(thing, null, 2) : lines.join('\n'))
    return 0
  },
}

export const configCompare: Verb = {
  name: 'config compare',
  summary: 'compares two versions field by field',
  usage: `crossdock config compare ${versionedKinds.join('|')} KEY FROM TO`,
  help: `${naming}
Exit code 1 where they differ.`,
  run: async (call) => {
    const { kind, key } = named(call, 2)
    const [from, to] = call.positionals.slice(2).map(versionNumber)
    const changes = await withTools(readConfig(call.env), (tools) =>
      comparisonOf(tools, { kind, key, from: from!, to: to! }),
    )
    if (call.json) call.out(JSON.stringify({ changes }, null, 2))
    else call.out(changes.length === 0 ? 'They say the same.' : changes.map(changeText).join('\n'))
    return changes.length === 0 ? 0 : 1
  },
}

export const configRollback: Verb = {
  name: 'config rollback',
  summary: 'makes what an older version said live again, as a new version',
  usage: `crossdock config rollback ${versionedKinds.join('|')} KEY --to VERSION [--by EMAIL] [--plan]`,
  help: `${naming}
It is applied like a document, so it is held against what stands today, and is proposed where what is live changes by two people.
--plan says what would change. Exit code 1 with --plan where something would.`,
  options: { to: { type: 'string' }, by: { type: 'string' }, plan: { type: 'boolean' } },
  run: async (call) => {
    const { kind, key } = named(call)
    const version = versionNumber(requiredOption(call, 'to'))
    return withTools(readConfig(call.env), async (tools) => {
      const file = await rollbackTo(tools, { kind, key, version })
      if (call.options['plan'] !== true)
        return applyInName(call, tools, [file], { by: byOption(call), reason: `back to version ${version}` })
      const changes = (await planFiles(tools, [file])).filter(({ action }) => changing.has(action))
      call.out(call.json ? JSON.stringify({ changes }, null, 2) : file.text.trimEnd())
      return changes.length > 0 ? 1 : 0
    })
  },
}

export const configWhereUsed: Verb = {
  name: 'config where-used',
  summary: 'tells what uses a partner, channel, profile, agreement, mapping or code list',
  usage: `crossdock config where-used ${usedKinds.join('|')} KEY [--version N]`,
  help: `${naming} A channel is named PARTNER/KEY.
With --version it tells of the documents that this version of a profile or agreement decided on.`,
  options: { version: { type: 'string' } },
  run: async (call) => {
    const [kind, key] = call.positionals
    if (call.positionals.length !== 2 || !isUsedKind(kind!)) throw new UsageError('give a kind and a KEY')
    const text = textOption(call, 'version')
    const version = text === undefined ? null : versionNumber(text)
    const uses = await withTools(readConfig(call.env), (tools) => usesOf(tools, { kind, key: key!, version }))
    call.out(call.json ? JSON.stringify(uses, null, 2) : usesText(uses))
    return 0
  },
}

const changing = new Set<string>(['add', 'change', 'retire'])

function named(call: Call, more = 0): { kind: VersionedKind; key: string } {
  const [kind, key] = call.positionals
  const known = versionedKinds.find((one) => one === kind)
  if (call.positionals.length !== 2 + more || known === undefined)
    throw new UsageError(`give one of ${versionedKinds.join(', ')}, and its KEY`)
  return { kind: known, key: key! }
}

function isUsedKind(kind: string): kind is UsedKind {
  return (usedKinds as readonly string[]).includes(kind)
}

function versionNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`a version is a number, and not ${text}`)
  return Number(text)
}

function changeText({ field, from, to }: FieldChange): string {
  const shown = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))
  return `${field}: ${shown(from)} → ${shown(to)}`
}

function usesText({ channels, profiles, agreements, mappings, documents }: WhereUsed): string {
  const lines = Object.entries({
    channel: channels,
    profile: profiles,
    agreement: agreements,
    mapping: mappings,
  }).flatMap(([kind, keys]) => keys.map((key) => `${kind.padEnd(9)} ${key}`))
  if (documents !== null) {
    const { documents: count, atLeast, newest } = documents
    const last =
      newest === null ? '' : `; the last is ${newest.number ?? newest.id}, ${newest.at.toISOString()}`
    lines.push(`documents ${count}${atLeast ? ' of those looked through' : ''}${last}`)
  }
  return lines.length === 0 ? 'Nothing uses it.' : lines.join('\n')
}
