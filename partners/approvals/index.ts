import { createHash } from 'node:crypto'
import { HubError } from '#hub/model/errors.ts'
import { newId, type PersonId, type ProposalId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import {
  applyConfiguration,
  carryOut,
  plan,
  shown,
  type Change,
  type ConfigurationDeps,
  type ConfigurationFile,
} from '../apply.ts'
import { factsSha256, type PlannedChange } from '../change.ts'
import { decideProposal, insertProposal, openProposal, type ProposedChange } from '../store/proposal.ts'
import { hubSetting, setHubSetting } from '../store/setting.ts'
import { touchesLive } from './live.ts'
import { withValues } from './values.ts'

export { proposals, type ProposalRow } from '../store/proposal.ts'

/** Whether what is live changes by two people. */
export type Approvals = 'required' | 'off'

const settingName = 'approvals'

export async function approvals(store: Store): Promise<Approvals> {
  return (await hubSetting(store.worker, settingName)) === 'required' ? 'required' : 'off'
}

/** Sets it, with an entry in the ledger. */
export async function setApprovals(store: Store, value: Approvals, by: PersonId): Promise<void> {
  await inTransaction(store.worker, 'set-approvals', async (client) => {
    await setHubSetting(client, { name: settingName, value, by })
    await appendEntries(client, [
      { type: 'hub.set', partnerId: null, actor: `person:${by}`, body: { name: settingName, value } },
    ])
  })
}

export interface Asked {
  /** Who the ledger says did it. */
  actor: string
  /** The person in whose name it is done; null where none is named. */
  by: PersonId | null
  reason: string
}

export interface Done {
  changes: Change[]
  /** Where it was proposed and not applied. */
  proposal: ProposalId | null
}

/**
 * Applies files or, where what is live changes by two people and these change it, proposes them as a whole. Throws a ConfigurationError, and
 * HubError `proposerMissing` where nobody is named who proposes.
 */
export async function applyOrPropose(
  deps: ConfigurationDeps,
  files: readonly ConfigurationFile[],
  asked: Asked,
): Promise<Done> {
  if ((await approvals(deps.store)) === 'required') {
    const { changes } = await plan(deps, files, {})
    if (changes.some(touchesLive)) return propose(deps, files, { ...asked, changes })
  }
  const { changes } = await applyConfiguration(deps, files, { actor: asked.actor })
  return { changes, proposal: null }
}

async function propose(
  { store, sealer, env = process.env }: ConfigurationDeps,
  files: readonly ConfigurationFile[],
  asked: Asked & { changes: readonly PlannedChange[] },
): Promise<Done> {
  const { by, reason, changes } = asked
  if (by === null) throw new HubError('proposerMissing')
  const id = newId<ProposalId>()
  const content = Buffer.from(JSON.stringify(withValues(files, env)))
  const proposed = changes.filter(({ write }) => write !== null).map(proposedChange)
  const sha256 = createHash('sha256').update(JSON.stringify(proposed)).digest()
  await inTransaction(store.worker, 'propose', async (client) => {
    const sealed = sealer.seal(`proposal|${id}`, content)
    await insertProposal(client, { id, proposedBy: by, reason, changes: proposed, sealed, sha256 })
    await appendEntries(client, [
      {
        type: 'config.proposed',
        partnerId: null,
        actor: `person:${by}`,
        body: { proposal: id, changes: proposed.length, sha256: sha256.toString('hex') },
      },
    ])
  })
  return { changes: changes.map(shown), proposal: id }
}

export interface Decision {
  id: ProposalId
  by: PersonId
  reason: string
}

/**
 * Carries out what was proposed, in the name of another person. Throws HubError `proposalDecided`, `proposalOwn`, and `proposalStale` where the
 * configuration has changed so that it would do something else.
 */
export async function approve(deps: ConfigurationDeps, { id, by, reason }: Decision): Promise<Change[]> {
  const found = await openProposal(deps.store.worker, id)
  if (found === null) throw new HubError('proposalDecided')
  if (found.proposedBy === by) throw new HubError('proposalOwn')
  const content = deps.sealer.open(`proposal|${id}`, found.sealed).toString('utf8')
  const files = JSON.parse(content) as ConfigurationFile[]
  const planned = await plan({ ...deps, env: {} }, files, {})
  const due = planned.changes.filter(({ write }) => write !== null).map(proposedChange)
  const other = otherThan(found.changes, due)
  if (other !== null) throw new HubError('proposalStale', other)
  const carried = await carryOut(deps.store, planned, {
    actor: `person:${by}`,
    also: async (client) => {
      if (!(await decideProposal(client, { id, state: 'approved', by, reason })))
        throw new HubError('proposalDecided')
      await appendEntries(client, [decidedEntry({ id, by }, 'approved')])
    },
  })
  if (!carried) throw new HubError('proposalStale', 'the configuration is being changed at this moment')
  return planned.changes.map(shown)
}

/** Refuses what was proposed; who proposed may do so too. Throws HubError `proposalDecided`. */
export async function refuse({ store }: { store: Store }, { id, by, reason }: Decision): Promise<void> {
  await inTransaction(store.worker, 'refuse-proposal', async (client) => {
    if (!(await decideProposal(client, { id, state: 'refused', by, reason })))
      throw new HubError('proposalDecided')
    await appendEntries(client, [decidedEntry({ id, by }, 'refused')])
  })
}

function decidedEntry({ id, by }: Pick<Decision, 'id' | 'by'>, decision: 'approved' | 'refused') {
  return {
    type: 'config.decided' as const,
    partnerId: null,
    actor: `person:${by}`,
    body: { proposal: id, decision },
  }
}

function proposedChange({
  kind,
  key,
  action,
  version,
  fields,
  sha256,
  before,
}: PlannedChange): ProposedChange {
  const earlier = before === null || before === undefined ? null : factsSha256(before)
  return { kind, key, action, version, fields, before: earlier, after: sha256 }
}

/** In what two lists of changes differ, or null. Of a log-in it counts which ones it takes the place of, of a secret its version: values are in neither. */
function otherThan(proposed: readonly ProposedChange[], due: readonly ProposedChange[]): string | null {
  const nameOf = ({ kind, key }: ProposedChange) => `${kind} ${key}`
  const before = new Map(proposed.map((one) => [nameOf(one), one]))
  for (const one of due) {
    const meant = before.get(nameOf(one))
    if (meant === undefined) return `${nameOf(one)} would change too`
    if (meant.before !== one.before || meant.after !== one.after || meant.version !== one.version)
      return `${nameOf(one)} has changed since`
    before.delete(nameOf(one))
  }
  const [left] = before.keys()
  return left === undefined ? null : `${left} is so already`
}
