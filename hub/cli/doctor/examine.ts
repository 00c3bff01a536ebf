import type { Config } from '#hub/base/config.ts'
import { examineMasterKeys } from '#hub/keys/examine.ts'
import { examineLedger } from '#hub/ledger/examine.ts'
import { openKeeper } from '#hub/ledger/keeper.ts'
import { missingSecrets } from '#hub/tools.ts'
import { codes } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import { examineQueue } from '#hub/queue/examine.ts'
import { openStore, type Store } from '#hub/store/connect.ts'
import { examineDatabase, type Examined } from '#hub/store/examine.ts'
import { masterKeyRegister } from '#hub/store/master-key.ts'

/** Without one of these nothing further can be looked at. */
const grounds = ['database', 'migrations', 'roles and extension']

/** What `doctor` looks at in the database, and whether keys and ledger fit it. Changes nothing. */
export async function examine(config: Config, url: string): Promise<Examined[]> {
  const examined = await examineDatabase(url)
  if (examined.some(({ good, name }) => !good && grounds.includes(name))) return examined
  const store = openStore(url, { workerConnections: 2, portalConnections: 1 })
  try {
    const masterKey = await examineMasterKey(config, store)
    const secrets = await examineSecrets(store)
    const ledger = await examineLedger(store, openKeeper(config))
    return [...examined, ...(await examineQueue(url)), masterKey, secrets, ...ledger]
  } finally {
    await store.close()
  }
}

async function examineMasterKey(config: Config, store: Store): Promise<Examined> {
  const name = 'master key'
  const { code, en } = codes.masterKeyMissing
  try {
    const { good, found } = await examineMasterKeys(config, masterKeyRegister(store))
    return good ? { name, good, found, remedy: null } : { name, good, found, code, remedy: en.fix }
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    const row = codes[error.code]
    return { name, good: false, found: error.message, code: row.code, remedy: row.en.fix }
  }
}

async function examineSecrets(store: Store): Promise<Examined> {
  const name = 'secrets of channels'
  const missing = await missingSecrets(store)
  if (missing.length === 0) return { name, good: true, found: 'none is missing', remedy: null }
  const remedy =
    'Say `env`, `file` or `value` in the files in place of `keep`, and apply them; make tokens by "crossdock token add".'
  return { name, good: false, found: `named, but without a value: ${missing.join(', ')}`, remedy }
}
