import { HubError, messageOf } from '#hub/model/errors.ts'
import type { MasterKeyRegister } from '#hub/model/master-keys.ts'
import { masterKeySource, type MasterKeyConfig } from './master-key.ts'
import { wrappedBy } from './provider.ts'
import { openRing } from './ring.ts'

export interface ExaminedKeys {
  good: boolean
  found: string
}

/**
 * Whether the master keys that a database needs are here and open what they wrapped, tried at the first and last wrapped key of
 * each table. Makes and changes nothing. Throws HubError `masterKeyMissing` for a key of a wrong form.
 */
export async function examineMasterKeys(
  config: MasterKeyConfig,
  register: MasterKeyRegister,
): Promise<ExaminedKeys> {
  const { ids, source, unwrap } = openRing(masterKeySource(config))
  const known = await register.keys()
  const samples = await register.samples()
  const standing = known.filter(({ state }) => state === 'current' || state === 'earlier')
  const needed = [...new Set([...standing.map(({ id }) => id), ...samples.map(wrappedBy)])]
  if (needed.length === 0) return { good: true, found: 'none is needed yet: nothing is sealed' }
  const lacking = needed.filter((id) => !ids.includes(id))
  if (lacking.length > 0) {
    const here = ids.length === 0 ? `there is no ${source.where}` : `${source.where} has ${ids.join(', ')}`
    return { good: false, found: `this database is sealed with ${lacking.join(' and ')}; ${here}` }
  }
  for (const wrapped of samples) {
    try {
      unwrap(wrapped)
    } catch (error) {
      if (error instanceof HubError) return { good: false, found: messageOf(error) }
      throw error
    }
  }
  const current = known.find(({ state }) => state === 'current')?.id ?? needed[0]!
  const earlier = needed.filter((id) => id !== current)
  const also = earlier.length === 0 ? '' : `; earlier and not retired: ${earlier.join(', ')}`
  return { good: true, found: `${current} opens what it sealed${also}` }
}
