import type { MasterKeySource } from './master-key.ts'
import { localKeyProvider, masterKeyId, otherMasterKey, wrappedBy, type KeyProvider } from './provider.ts'

/** All master keys that are known here. One of them wraps; each opens what it wrapped itself. */
export interface KeyRing extends KeyProvider {
  readonly source: MasterKeySource
  readonly ids: readonly string[]
  /** The id of the key that wraps, or null where there is none. */
  readonly wrapsWith: string | null
  /** Wraps with this key from now on; false where it is not known here. */
  use(id: string): boolean
  /** Reads the source again; what was known stays known. */
  reload(): void
}

/** A key that is asked for in vain is not looked for in the file again before this time is over. */
const reloadEveryMs = 1_000

/** The keys of a source as they stand; without another word the first of them wraps. */
export function openRing(source: MasterKeySource): KeyRing {
  const providers = new Map<string, KeyProvider>()
  let current: [string, KeyProvider] | null = null
  let reloadedAt = 0

  const reload = (): void => {
    reloadedAt = performance.now()
    for (const key of source.read()) {
      const id = masterKeyId(key)
      if (!providers.has(id)) providers.set(id, localKeyProvider(key))
    }
    current ??= providers.entries().next().value ?? null
  }
  const find = (id: string): KeyProvider | undefined => {
    const known = providers.get(id)
    if (known !== undefined || performance.now() - reloadedAt < reloadEveryMs) return known
    // another process may have added it a moment ago
    reload()
    return providers.get(id)
  }
  reload()
  return {
    source,
    get ids() {
      return [...providers.keys()]
    },
    get wrapsWith() {
      return current?.[0] ?? null
    },
    use: (id) => {
      const provider = find(id)
      if (provider !== undefined) current = [id, provider]
      return provider !== undefined
    },
    reload,
    wrap: (dataKey) => {
      if (current === null) throw otherMasterKey('any', [], source.where)
      return current[1].wrap(dataKey)
    },
    unwrap: (wrapped) => {
      const id = wrappedBy(wrapped)
      const provider = find(id)
      if (provider === undefined) throw otherMasterKey(id, [...providers.keys()], source.where)
      return provider.unwrap(wrapped)
    },
  }
}
