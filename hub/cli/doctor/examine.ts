import type { Config } from '#hub/base/config.ts'
import { examineMasterKeys } from '#hub/keys/examine.ts'
import { examineLedger } from '#hub/ledger/examine.ts'
import { openKeeper } from '#hub/ledger/keeper.ts'
import { codes } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import { openStore } from '#hub/store/connect.ts'
import { examineDatabase, type Examined } from '#hub/store/examine.ts'
import { masterKeyRegister } from '#hub/store/master-key.ts'

/** What `doctor` looks at: the database, and whether the master key opens what it sealed. Changes nothing. */
export async function examine(config: Config, url: string): Promise<Examined[]> {
  const examined = await examineDatabase(url)
  if (
    examined.some(
      ({ good, name }) => !good && ['database', 'migrations', 'roles and extension'].includes(name),
    )
  )
    return examined
  const store = openStore(url, { workerConnections: 1, portalConnections: 1 })
  try {
    const { good, found } = await examineMasterKeys(config, masterKeyRegister(store))
    if (!good) throw new HubError('masterKeyMissing', found)
    const masterKey = { name: 'master key', good, found, remedy: null }
    return [...examined, masterKey, ...(await examineLedger(store, openKeeper(config)))]
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    const { code, en } = codes[error.code]
    const found = `${code} ${en.what} ${error.message}`
    return [...examined, { name: 'master key', good: false, found, remedy: en.fix }]
  } finally {
    await store.close()
  }
}
