import { timingSafeEqual } from 'node:crypto'
import { absent, factsSha256 } from '../change.ts'
import type { Planning } from '../planning.ts'
import { openSecret, sealSecret } from '../secrets.ts'
import { sourceName, takeSecret } from '../sources.ts'
import { insertSecret } from '../store/secret.ts'
import type { ChannelPlan } from './plan.ts'

/** Plans the secrets of a channel: another value makes another version. Nothing of a value is in the plan. */
export function planSecrets(planning: Planning, plan: ChannelPlan): void {
  const { wanted, document, index, id, partnerId } = plan
  const standing = planning.secrets.filter((row) => row.channelId === id)
  for (const [name, source] of Object.entries(wanted.secrets)) {
    const taken = takeSecret(source, {
      beside: document.file,
      env: planning.env,
      optional: planning.secretValues === 'optional',
    })
    if (taken !== null && 'fault' in taken) {
      planning.problems.push(
        document.problem(['channels', index, 'secrets', name, sourceName(source)], taken.fault),
      )
      continue
    }
    const before = standing.find((row) => row.name === name)
    const held = before === undefined ? null : openSecret(planning.sealer, before)
    const lacking = taken === null && (held === null || held.length === 0)
    // without a value its name alone is noted, so that the hub can say what is missing until somebody gives it
    const value = taken === null ? (held ?? Buffer.alloc(0)) : Buffer.from(taken.reveal())
    const same = before !== undefined && equal(held!, value)
    const version = same ? before.version : (before?.version ?? 0) + 1
    const place = { partnerId, channelId: id, name, version }
    planning.changes.push({
      kind: 'secret',
      key: `${plan.name}/${name}`,
      partnerId,
      env: wanted.env,
      action: lacking ? 'missing' : same ? 'none' : before === undefined ? 'add' : 'change',
      version,
      fields: same ? [] : ['value'],
      origin: { document, path: ['channels', index, 'secrets', name] },
      sha256: factsSha256({ channel: plan.name, name, version }),
      write: same ? null : (client) => insertSecret(client, sealSecret(planning.sealer, place, value)),
    })
  }
  for (const row of standing)
    if (!(row.name in wanted.secrets))
      planning.changes.push(absent({ kind: 'secret', key: `${plan.name}/${row.name}`, partnerId }))
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
