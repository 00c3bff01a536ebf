import type { Store } from '#hub/store/connect.ts'
import { isPlaceholder } from './channels/placeholder.ts'
import { isEmptySecret } from './secrets.ts'
import { readConfiguration } from './store/configuration.ts'
import { readCredentials } from './store/credential.ts'
import { newestSecrets } from './store/secret.ts'

/**
 * Log-ins and secrets that were applied by name and have no value yet (`keep: true`), e.g. `supplier/web/webhook_secret`. A log-in of the
 * same name that has its value makes the empty one superfluous.
 */
export async function missingSecrets(store: Store): Promise<string[]> {
  const { partners, channels } = await readConfiguration(store)
  const keys = new Map(partners.map((row) => [row.id, row.key]))
  const names = new Map(channels.map((row) => [row.id, `${keys.get(row.partnerId)}/${row.key}`]))
  const nameOf = (row: Login): string => `${names.get(row.channelId)}/${row.kind}:${row.username ?? row.name}`
  const credentials = await readCredentials(store.worker)
  const given = new Set(credentials.filter((row) => !isPlaceholder(row)).map(nameOf))
  const logins = credentials
    .filter(isPlaceholder)
    .map(nameOf)
    .filter((name) => !given.has(name))
  const secrets = (await newestSecrets(store.worker))
    .filter(isEmptySecret)
    .map((row) => `${names.get(row.channelId)}/${row.name}`)
  return [...new Set([...logins, ...secrets])].toSorted()
}

type Login = Awaited<ReturnType<typeof readCredentials>>[number]
