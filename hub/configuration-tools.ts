import { importedPartners, type ImportOptions } from '#partners/import/index.ts'
import type { Change, ConfigurationFile } from '#partners/apply.ts'
import {
  applyOrPropose,
  approvals,
  approve,
  proposals,
  refuse,
  setApprovals,
  type Approvals,
  type Done,
  type ProposalRow,
} from '#partners/approvals/index.ts'
import { compareVersions, type FieldChange } from '#partners/life/compare.ts'
import { rollbackFile } from '#partners/life/rollback.ts'
import { thingNamed, type Thing, type VersionedKind } from '#partners/life/things.ts'
import { whereUsed, type UsedKind, type WhereUsed } from '#partners/life/where-used.ts'
import { leavingOf, offboard, stay, type Leaving, type UnderWay } from '#partners/offboarding/index.ts'
import { isId, type ProposalId } from './model/ids.ts'
import { HubError } from './model/errors.ts'
import { operator, withDeps, type Tools } from './tools.ts'

/** What the verbs about partners and about the life of the configuration work with. */

/** The documents of the partners in a table, checked; nothing is applied. Throws a ConfigurationError that names lines and columns. */
export async function partnersOfTable(
  tools: Tools,
  table: ConfigurationFile,
  options: ImportOptions,
): Promise<ConfigurationFile[]> {
  return withDeps(tools, (deps) => importedPartners(deps, table, options))
}

export type { FieldChange } from '#partners/life/compare.ts'
export { versionedKinds, type Thing, type VersionedKind } from '#partners/life/things.ts'
export { usedKinds, type UsedKind, type WhereUsed } from '#partners/life/where-used.ts'

/** A thing with all its versions; throws HubError `nameUnknown`. */
export async function versionsOf(tools: Tools, kind: VersionedKind, key: string): Promise<Thing> {
  return withDeps(tools, (deps) => thingNamed(deps, kind, key))
}

/** What uses a thing, or a version of it. */
export async function usesOf(
  tools: Tools,
  asked: { kind: UsedKind; key: string; version: number | null },
): Promise<WhereUsed> {
  return withDeps(tools, (deps) => whereUsed(deps, asked))
}

/** The document by which an older version becomes live again, to be applied. */
export async function rollbackTo(
  tools: Tools,
  asked: { kind: VersionedKind; key: string; version: number },
): Promise<ConfigurationFile> {
  return withDeps(tools, (deps) => rollbackFile(deps, asked))
}

/** In which fields two versions of a thing differ. */
export async function comparisonOf(
  tools: Tools,
  asked: { kind: VersionedKind; key: string; from: number; to: number },
): Promise<FieldChange[]> {
  return compareVersions(await versionsOf(tools, asked.kind, asked.key), asked.from, asked.to)
}

export type { ProposalRow }

/**
 * Applies files in the name of a person or, where none is named, of the account that ran the command; proposes them where what is live
 * changes by two people.
 */
export async function applyFilesInName(
  tools: Tools,
  files: ConfigurationFile[],
  asked: { by: string | null; reason: string; account?: string },
): Promise<Done> {
  const by = asked.by === null ? null : await operator(tools, asked.by)
  const actor = by === null ? (asked.account ?? 'cli') : `person:${by}`
  return withDeps(tools, (deps) => applyOrPropose(deps, files, { actor, by, reason: asked.reason }))
}

export async function approvalsOf({ store }: Tools): Promise<Approvals> {
  return approvals(store)
}

export async function setApprovalsTo(tools: Tools, value: Approvals, by: string): Promise<void> {
  await setApprovals(tools.store, value, await operator(tools, by))
}

const proposalsListed = 100

/** The newest proposals, those that are open or all. */
export async function proposalsOf({ store }: Tools, { open }: { open: boolean }): Promise<ProposalRow[]> {
  return proposals(store.worker, { open, most: proposalsListed })
}

/** Carries out what another person proposed. Throws HubError `proposalDecided`, `proposalOwn`, `proposalStale`. */
export async function approveProposal(
  tools: Tools,
  asked: { id: string; by: string; reason: string },
): Promise<Change[]> {
  const decision = { id: proposalId(asked.id), by: await operator(tools, asked.by), reason: asked.reason }
  return withDeps(tools, (deps) => approve(deps, decision))
}

/** Refuses what was proposed. Throws HubError `proposalDecided`. */
export async function refuseProposal(
  tools: Tools,
  asked: { id: string; by: string; reason: string },
): Promise<void> {
  await refuse(tools, { id: proposalId(asked.id), by: await operator(tools, asked.by), reason: asked.reason })
}

function proposalId(text: string): ProposalId {
  if (!isId(text)) throw new HubError('proposalDecided', `${text} is no id of a proposal`)
  return text as ProposalId
}

export type { Leaving, UnderWay }

/** What would end with a partner, and what is under way. */
export async function leavingPartner({ store }: Tools, partner: string): Promise<Leaving> {
  return leavingOf(store, partner)
}

/** Plans that a partner leaves, or ends it where the date has come. Throws HubError `offboardingOpen`. */
export async function offboardPartner(
  tools: Tools,
  asked: { partner: string; at: Date; by: string; reason: string },
): ReturnType<typeof offboard> {
  return offboard(tools.store, { ...asked, by: await operator(tools, asked.by) })
}

/** Takes back that a partner leaves. Throws HubError `offboardingNone`. */
export async function stayingPartner(tools: Tools, asked: { partner: string; by: string }): Promise<Date> {
  return stay(tools.store, { partner: asked.partner, by: await operator(tools, asked.by) })
}
