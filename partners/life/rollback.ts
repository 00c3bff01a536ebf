import { HubError } from '#hub/model/errors.ts'
import type { ConfigurationFile } from '../apply.ts'
import { documentFile, exportConfiguration } from '../export.ts'
import { versionOf } from './compare.ts'
import { profileKey, thingNamed, type LifeDeps, type VersionedKind } from './things.ts'

/**
 * The document that makes what an older version said live again: as a new version, because versions never change and each document names the
 * one it was processed with. It goes through `apply` like any other, so that it is held against what stands today. Throws HubError
 * `nameUnknown`, or `rollbackNeedless` where that version is live.
 */
export async function rollbackFile(
  deps: LifeDeps,
  asked: { kind: VersionedKind; key: string; version: number },
): Promise<ConfigurationFile> {
  const { kind, key, version } = asked
  const thing = await thingNamed(deps, kind, key)
  const old = versionOf(thing, version)
  if (old.state === 'live') throw new HubError('rollbackNeedless', `version ${version} of \`${key}\` is live`)
  const { state: _, ...content } = old.content
  if (kind === 'profile') return documentFile([{ partner: await partnerWith(deps, key, content) }])
  // what is to come stays beside it
  const coming = thing.versions.filter(({ state }) => state === 'test' || state === 'draft')
  return documentFile([content, ...coming.map((one) => one.content)].map((one) => ({ [kind]: one })))
}

/** The partner's document as it stands, with this profile in the place of its live version. */
async function partnerWith(
  { store }: LifeDeps,
  key: string,
  profile: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const partnerKey = key.slice(0, key.indexOf('/'))
  const [file] = await exportConfiguration(store, { partner: partnerKey })
  const { partner } = file!.contents[0] as { partner: Record<string, unknown> }
  const profiles = (partner['profiles'] ?? []) as Content[]
  const others = profiles.filter((one) => contentKey(partnerKey, one) !== key || isComing(one))
  return { ...partner, profiles: [...others, profile] }
}

function isComing({ state }: Content): boolean {
  return state === 'draft' || state === 'test'
}

type Content = Readonly<Record<string, unknown>>

function contentKey(partnerKey: string, content: Content): string {
  const { direction, env, type, format, guide = '*' } = content
  return profileKey(partnerKey, { direction, env, type, guide, terms: { format } } as Parameters<
    typeof profileKey
  >[1])
}
