import { readdir, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const root = new URL('../../', import.meta.url)

async function page(): Promise<string> {
  return readFile(new URL('docs/operations.md', root), 'utf8')
}

/** The text of every source file of the product, without its tests, and of what runs it in containers. */
async function sources(): Promise<string> {
  const texts = [readFile(new URL('docker-compose.yml', root), 'utf8')]
  for (const room of ['hub', 'partners', 'mappings', 'portal']) {
    const names = await readdir(new URL(`${room}/`, root), { recursive: true })
    for (const name of names)
      if (/(?<!\.test|\.fixture)\.(ts|mjs)$/.test(name))
        texts.push(readFile(new URL(`${room}/${name}`, root), 'utf8'))
  }
  return (await Promise.all(texts)).join('\n')
}

test('every variable that the program reads stands in docs/operations.md, and no other', async () => {
  const pattern = /\b(?:CROSSDOCK_(?!TEST_)[A-Z_]+|DATABASE_URL)\b/g
  const read = new Set((await sources()).match(pattern))
  const told = new Set((await page()).match(pattern))
  expect([...told].toSorted()).toEqual([...read].toSorted())
})

test('the defaults on the page are those of the program', async () => {
  const variables = /\n## Variables\n([^]*?)\n## /.exec(await page())![1]!
  const rows = variables.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]+)`|none) \|/gm)
  const told = Object.fromEntries([...rows].map(([, name, value]) => [name, value ?? null]))
  const config = readConfig({})
  expect(told).toEqual({
    DATABASE_URL: config.databaseUrl,
    CROSSDOCK_DATA: '.crossdock',
    CROSSDOCK_HOST: config.host,
    CROSSDOCK_HTTP_PORT: String(config.httpPort),
    CROSSDOCK_SFTP_PORT: String(config.sftpPort),
    CROSSDOCK_LOG_LEVEL: config.logLevel,
    CROSSDOCK_MASTER_KEY: config.masterKey,
    CROSSDOCK_LEDGER_KEY: config.ledgerKey,
    CROSSDOCK_URL: config.publicUrl,
    CROSSDOCK_METRICS_TOKEN: config.metricsToken,
    CROSSDOCK_LIMITS: null,
    CROSSDOCK_PASSWORD: null,
  })
  expect(config.dataFolder).toBe(resolve('.crossdock'))
})

test.each([
  ['CROSSDOCK_HTTP_PORT', 'abc'],
  ['CROSSDOCK_HTTP_PORT', '65536'],
  ['CROSSDOCK_SFTP_PORT', '-1'],
  ['CROSSDOCK_LOG_LEVEL', 'loud'],
  ['CROSSDOCK_URL', 'hub.example.com'],
  ['CROSSDOCK_MASTER_KEY', ''],
  ['CROSSDOCK_METRICS_TOKEN', 'short'],
])('%s=%j is refused in one line that names the variable', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name}: [^\\n]+$`))
})
