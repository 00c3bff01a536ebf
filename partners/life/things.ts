import { namesThere } from '#hub/base/nearest.ts'
import { HubError } from '#hub/model/errors.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import { exportedAgreement, exportedProfile, type ExportSource } from '../exported.ts'
import type { FurtherConfiguration } from '../further.ts'
import {
  readConfiguration,
  type AgreementRow,
  type LifeCycle,
  type ProfileRow,
} from '../store/configuration.ts'
import { versionTimes } from '../store/history.ts'

/** The kinds of things that have versions. */
export const versionedKinds = ['profile', 'agreement', 'mapping', 'codeList'] as const
export type VersionedKind = (typeof versionedKinds)[number]

/** One version of a thing. */
export interface Version {
  version: number
  state: LifeCycle
  at: Date | null
  /** What its document would say, in the form of an export. */
  content: Readonly<Record<string, unknown>>
  /** Of a profile or an agreement: its row, and whose documents it decides on. */
  id: string | null
  sender: PartnerId | null
}

export interface Thing {
  kind: VersionedKind
  /** As people name it: `retailer-orders`, `retailer/sends/order/edifact/test`, `order/north-market`. */
  key: string
  /** Oldest first. */
  versions: Version[]
}

export interface LifeDeps {
  store: Store
  further?: Pick<FurtherConfiguration, 'history'>
}

/**
 * A thing with all its versions. A profile is named `PARTNER/DIRECTION/TYPE/FORMAT/ENV`, with its guide behind it where that is not
 * `*`. Throws HubError `nameUnknown` with the name that may have been meant.
 */
export async function thingNamed(deps: LifeDeps, kind: VersionedKind, key: string): Promise<Thing> {
  const known = await allOf(deps, kind, key)
  const versions = known.get(key)
  if (versions === undefined || versions.length === 0) {
    const name = kind === 'codeList' ? 'code list' : kind
    throw new HubError('nameUnknown', `there is no ${name} \`${key}\`${namesThere(key, [...known.keys()])}`)
  }
  const ids = versions.flatMap(({ id }) => (id === null ? [] : [id]))
  const times = ids.length === 0 ? null : await versionTimes(deps.store.worker, ids)
  return {
    kind,
    key,
    versions: versions.map((one) => ({ ...one, at: one.at ?? times?.get(one.id ?? '') ?? null })),
  }
}

/** All things of a kind with their versions, by key; of mappings and code lists the one that is named. */
export async function allOf(
  deps: LifeDeps,
  kind: VersionedKind,
  key: string,
): Promise<Map<string, Version[]>> {
  switch (kind) {
    case 'profile':
      return profiles(await sourceOf(deps))
    case 'agreement':
      return agreements(await sourceOf(deps))
    case 'mapping':
    case 'codeList': {
      const found = (await deps.further?.history(kind, key)) ?? []
      const versions = found.map((one) => ({ ...one, id: null, sender: null }))
      return new Map(versions.length === 0 ? [] : [[key, versions]])
    }
  }
}

/** How a profile is named in addresses and on the command line. */
export function profileKey(partnerKey: string, row: ProfileRow): string {
  const { direction, type, env, guide, terms } = row
  return [partnerKey, direction, type, terms.format, env, ...(guide === '*' ? [] : [guide])].join('/')
}

async function sourceOf({ store }: LifeDeps): Promise<ExportSource> {
  const configuration = await readConfiguration(store)
  return {
    configuration,
    keys: new Map(configuration.partners.map((row) => [row.id, row.key])),
    profiles: new Map(configuration.profiles.map((row) => [row.id, row])),
    credentials: [],
    secrets: [],
  }
}

function profiles({ configuration, keys }: ExportSource): Map<string, Version[]> {
  const rows = Map.groupBy(configuration.profiles, (row) => profileKey(keys.get(row.partnerId)!, row))
  const versionOf = (row: ProfileRow): Version => {
    const { id, version, state, partnerId: sender } = row
    return { id, version, state, sender, at: null, content: exportedProfile(row) }
  }
  return new Map([...rows].map(([key, versions]) => [key, versions.map(versionOf)]))
}

function agreements(source: ExportSource): Map<string, Version[]> {
  const rows = Map.groupBy(source.configuration.agreements, (row) => row.key)
  const versionOf = (row: AgreementRow): Version => {
    const { id, version, state, senderPartner: sender } = row
    return { id, version, state, sender, at: null, content: exportedAgreement(source, row) }
  }
  return new Map([...rows].map(([key, versions]) => [key, versions.map(versionOf)]))
}
