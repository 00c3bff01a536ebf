import type { z } from 'zod'
import { HubError } from '#hub/model/errors.ts'
import type { KnownMappings } from '#hub/model/mapping.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { ChannelKind } from '#hub/model/transport.ts'
import type { Client, Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { absentAgreements, checkJoins, planAgreement } from './agreements/plan.ts'
import { absent, compare, factsSha256, type Change, type PlannedChange } from './change.ts'
import { announceChannels, planChannels } from './channels/plan.ts'
import { contactsInOrder } from './contacts/schema.ts'
import { readDocuments, type ConfigurationFile, type PartnerDocument, type Placed } from './files.ts'
import type { FurtherConfiguration } from './further.ts'
import { checkOwners, planIdentities } from './identities/plan.ts'
import { beginPlan, partnerIdOf, type Planning } from './planning.ts'
import { ConfigurationError } from './problems.ts'
import { planProfiles } from './profiles/plan.ts'
import { readConfiguration } from './store/configuration.ts'
import { readCredentials } from './store/credential.ts'
import { newestSecrets } from './store/secret.ts'
import { lockConfiguration, raiseConfigurationVersion } from './store/version.ts'
import { writePartner } from './store/write.ts'

export { ConfigurationError } from './problems.ts'
export type { Change } from './change.ts'
export type { ConfigurationFile } from './files.ts'

export interface ConfigurationDeps {
  store: Store
  sealer: Sealer
  /** One schema per kind of channel, for its `settings`. */
  settingsSchemas?: Partial<Record<ChannelKind, z.ZodType>>
  /** Knows the mappings; without it their names are not checked. */
  mappings?: KnownMappings
  /** Documents of other kinds; without it there are only partners and agreements. */
  further?: FurtherConfiguration
  /** Where `env:` takes secrets from; the process's own environment by default. */
  env?: NodeJS.ProcessEnv
}

export interface PlanOptions {
  /** The files are the whole configuration: partners and agreements that are in none of them are named as absent. */
  whole?: boolean
  /** Secrets whose values are not at hand are left as they are in the hub, instead of being a problem. */
  secretsOptional?: boolean
}

/**
 * What applying these files would do, thing by thing. Throws a ConfigurationError (a HubError `configInvalid`) with every
 * problem found, each with its file, line and field. Changes nothing.
 */
export async function planConfiguration(
  deps: ConfigurationDeps,
  files: readonly ConfigurationFile[],
  options: PlanOptions = {},
): Promise<Change[]> {
  const { changes } = await plan(deps, files, options)
  return changes.map(shown)
}

/**
 * Applies these files in one transaction: all of them, or nothing. Returns the same list as the plan. What stands in the hub
 * and in no file is left as it is. Each thing that changes has a ledger entry `config.applied`; `actor` is who did it.
 * Applying the same files again changes nothing.
 */
export async function applyConfiguration(
  deps: ConfigurationDeps,
  files: readonly ConfigurationFile[],
  options: PlanOptions & { actor: string },
): Promise<{ changes: Change[] }> {
  for (let tries = 1; ; tries++) {
    const planned = await plan(deps, files, options)
    if (await carryOut(deps.store, planned, options)) return { changes: planned.changes.map(shown) }
    // somebody else changed the configuration meanwhile: what was compared is no longer what stands
    if (tries >= 5)
      throw new HubError('configInvalid', 'the configuration is being changed by others; try again')
  }
}

export interface Plan {
  version: bigint
  changes: PlannedChange[]
}

/** The plan itself, with what carries it out and where each thing stands. Throws a ConfigurationError. */
export async function plan(
  deps: ConfigurationDeps,
  files: readonly ConfigurationFile[],
  options: PlanOptions,
): Promise<Plan> {
  const { documents, problems } = readDocuments(files, deps.further?.kinds)
  // what names the parts of a document that could not be read would only repeat that
  if (problems.length > 0) throw new ConfigurationError(problems)
  const current = await readConfiguration(deps.store)
  const further = await deps.further?.plan(documents.further, { whole: options.whole === true })
  const planning = beginPlan({
    documents,
    current,
    credentials: await readCredentials(deps.store.worker),
    secrets: await newestSecrets(deps.store.worker),
    sealer: deps.sealer,
    env: deps.env ?? process.env,
    settingsSchemas: deps.settingsSchemas ?? {},
    mappings: further?.mappings ?? deps.mappings ?? null,
    whole: options.whole === true,
    secretValues: options.secretsOptional === true ? 'optional' : 'required',
  })
  planning.problems.push(...(further?.problems ?? []))
  planning.changes.push(...(further?.changes ?? []))
  await planAll(planning)
  if (options.whole === true) planAbsent(planning)
  if (planning.problems.length > 0) throw new ConfigurationError(planning.problems)
  return { version: current.version, changes: inOrder(planning.changes) }
}

/** Plans all documents, each kind after those it refers to. */
export async function planAll(planning: Planning): Promise<void> {
  const { partners, agreements } = planning.documents
  for (const document of partners) planPartner(planning, document)
  for (const document of partners) planIdentities(planning, document)
  checkOwners(planning)
  for (const document of partners) announceChannels(planning, document)
  for (const document of partners) await planChannels(planning, document)
  for (const document of partners) planProfiles(planning, document)
  for (const document of agreements) planAgreement(planning, document)
  checkJoins(planning)
}

function planPartner(planning: Planning, document: Placed<PartnerDocument>): void {
  const { key, name, ours, language, timeZone } = document.value
  const contacts = contactsInOrder(document.value.contacts)
  checkContacts(planning, document)
  const before = planning.current.partners.find((row) => row.key === key)
  const row = { id: before?.id ?? partnerIdOf(key), key, name, ours, language, timeZone, contacts }
  planning.partners.set(key, row.id)
  planning.rows.partners.push(row)
  planning.changes.push(
    compare(
      { kind: 'partner', key, partnerId: row.id, origin: { document, path: [] } },
      { before: before === undefined ? null : { ...before }, after: row },
      (client) => writePartner(client, row),
    ),
  )
}

function checkContacts(planning: Planning, document: Placed<PartnerDocument>): void {
  const seen = new Set<string>()
  for (const [index, { email, role }] of document.value.contacts.entries()) {
    const name = `${role} ${email.toLowerCase()}`
    if (seen.has(name))
      planning.problems.push(document.problem(['contacts', index, 'email'], 'stands here twice for one role'))
    seen.add(name)
  }
}

function planAbsent(planning: Planning): void {
  const planned = new Set(planning.documents.partners.map(({ value }) => value.key))
  for (const row of planning.current.partners)
    if (!planned.has(row.key))
      planning.changes.push(absent({ kind: 'partner', key: row.key, partnerId: row.id }))
  absentAgreements(planning)
}

const kindOrder = [
  'codeList',
  'mapping',
  'partner',
  'identity',
  'channel',
  'credential',
  'secret',
  'profile',
  'agreement',
]

/** Each kind after those it refers to; changes before additions, because a name must be given up before another takes it. */
function inOrder(changes: readonly PlannedChange[]): PlannedChange[] {
  const rank = (change: PlannedChange): number =>
    kindOrder.indexOf(change.kind) * 2 + (change.action === 'add' ? 1 : 0)
  return changes.toSorted((a, b) => rank(a) - rank(b))
}

/**
 * Carries out a plan in one transaction, with `also` in it; false where the configuration is no longer the one that was planned for. `actor` is
 * who the ledger says did it.
 */
export async function carryOut(
  store: Store,
  planned: Plan,
  { actor, also }: { actor: string; also?: (client: Client) => Promise<void> },
): Promise<boolean> {
  const due = planned.changes.filter((change) => change.write !== null)
  return inTransaction(store.worker, 'apply', async (client) => {
    if ((await lockConfiguration(client)) !== planned.version) return false
    await also?.(client)
    for (const change of due) await writeOne(client, change)
    await appendEntries(
      client,
      due.map(({ kind, key, version, sha256, partnerId, before }) => ({
        type: 'config.applied',
        partnerId,
        actor,
        body: {
          kind,
          key,
          version: version ?? 1,
          sha256,
          before: before === null || before === undefined ? null : factsSha256(before),
        },
      })),
    )
    if (due.length > 0) await raiseConfigurationVersion(client)
    return true
  })
}

async function writeOne(client: Client, change: PlannedChange): Promise<void> {
  try {
    await change.write?.(client)
  } catch (error) {
    const code = (error as { code?: string }).code
    // exclusion or uniqueness: two things want one place, which only the database can see at that moment
    if (code !== '23P01' && code !== '23505') throw error
    const why =
      change.kind === 'credential' ? 'has a value that is in use elsewhere or was revoked' : 'is taken'
    throw new HubError('configInvalid', `${change.kind} ${change.key} ${why}`, { cause: error })
  }
}

/** A change as it is told. */
export function shown({ kind, key, action, version, fields }: PlannedChange): Change {
  return { kind, key, action, version, fields }
}
