import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand, type EndedCommand } from './support/command.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'

/** The verbs about mappings of one's own, as people call them. */
const examples = fileURLToPath(new URL('../docs/examples', import.meta.url))
let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-mappings-'))
  expect((await crossdock('apply', examples)).code).toBe(0)
}, 90_000)
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

async function crossdock(...args: string[]): Promise<EndedCommand> {
  return runCommand(args, { DATABASE_URL: database.url, CROSSDOCK_DATA: join(folder, 'data') })
}

async function apply(key: string, base: string, value: string): Promise<EndedCommand> {
  const path = join(folder, 'mapping.yaml')
  const rules = `canonical: [{ set: customerReference, value: "${value}" }]`
  await writeFile(path, `mapping: { key: ${key}, direction: toCanonical, extends: ${base}, ${rules} }\n`)
  return crossdock('apply', path)
}

test('mapping test runs the test cases of what stands in the hub', async () => {
  const { code, out } = await crossdock('mapping', 'test')
  expect(out).toContain('good order/verdier-shops version 1 (live): 2 test cases')
  expect(code).toBe(0)
  expect((await crossdock('mapping', 'test', 'order/nobody')).code).toBe(2)
}, 60_000)

test('mapping diff tells what changed in the base, and mapping rebase takes it over', async () => {
  for (const [key, base, value] of [
    ['order/base', 'order/edifact-d96a', 'one'],
    ['order/clone', 'order/base', 'clone'],
    ['order/base', 'order/edifact-d96a', 'two'],
  ] as const)
    expect((await apply(key, base, value)).code).toBe(0)
  const { code, out } = await crossdock('mapping', 'diff', 'order/clone')
  expect(code).toBe(1)
  expect(out).toBe(`order/clone version 1 extends order/base version 1; the newest is 2:
  - canonical: {"set":"customerReference","value":"one"}
  + canonical: {"set":"customerReference","value":"two"}
`)
  expect((await crossdock('mapping', 'rebase', 'order/clone')).out).toBe(
    'order/clone version 2 goes on from order/base 2.\n',
  )
  expect((await crossdock('mapping', 'diff', 'order/clone')).code).toBe(0)
}, 90_000)

test('translate takes mappings that stand in files', async () => {
  const path = join(folder, 'all.yaml')
  await writeFile(
    path,
    `mapping:
  key: order/letter
  direction: fromCanonical
  format: json
  template: '{ "letter": "{{id}}" }'
---
partner:
  key: verdier
  name: Verdier
  identities: [{ scheme: gln, value: "3012345000017", env: test }]
  channels: [{ key: mailbox, kind: mailbox, env: test }]
  profiles: [{ direction: sends, env: test, type: order, format: edifact, mapping: order/edifact-d96a, channel: mailbox }]
---
partner:
  key: brouwer
  name: Brouwer
  identities: [{ scheme: gln, value: "5412345000013", env: test }]
  channels: [{ key: mailbox, kind: mailbox, env: test }]
  profiles: [{ direction: receives, env: test, type: order, format: json, mapping: order/letter, channel: mailbox }]
---
agreement:
  key: letters
  sender: { partner: verdier, env: test, type: order }
  receiver: { partner: brouwer }
`,
  )
  const { out, error } = await crossdock('translate', join(examples, 'order-345.edi'), '--config', path)
  expect(error).toBe('')
  expect(out).toContain('"letter": "345"')
}, 60_000)
