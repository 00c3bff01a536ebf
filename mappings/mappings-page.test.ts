import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { libraryMappings } from '#mappings/engine/index.ts'
import { createSandbox } from '#mappings/sandbox/index.ts'
import { applyConfiguration, planConfiguration, type ConfigurationDeps } from '#partners/apply.ts'
import { exportConfiguration } from '#partners/export.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { mappingConfiguration } from './configuration.ts'
import { lineageOfMapping, rebaseMapping, testMappings } from './verbs.ts'

/*
 * Mappings as documents of the configuration: the example of the reference page, and the life of a mapping.
 */

const sandbox = createSandbox()
let database: TestDatabase
let deps: ConfigurationDeps

beforeAll(async () => {
  database = await testDatabase()
  deps = depsOf(database)
})
afterAll(async () => {
  await sandbox.close()
  await database.drop()
})

function depsOf({ store }: TestDatabase): ConfigurationDeps {
  const sealer = { seal: () => Promise.reject(new Error()), open: () => Promise.reject(new Error()) }
  return {
    store,
    sealer: sealer as unknown as ConfigurationDeps['sealer'],
    env: {},
    further: mappingConfiguration({ store, library: libraryMappings, sandbox }),
  }
}

async function apply(text: string): Promise<string[]> {
  const { changes } = await applyConfiguration(deps, [{ path: 'm.yaml', text }], { actor: 'test' })
  return changes.map(({ action, kind, key, version }) => `${action} ${kind} ${key} ${version}`)
}

async function refused(text: string): Promise<string> {
  return applyConfiguration(deps, [{ path: 'm.yaml', text }], { actor: 'test' }).then(
    () => 'nothing is wrong',
    (error: Error) => error.message,
  )
}

const rule = (value: string, state = 'live', base = 'order/edifact-d96a', key = 'order/life') => `mapping:
  key: ${key}
  direction: toCanonical
  state: ${state}
  extends: ${base}
  canonical:
    - { set: customerReference, value: "${value}" }
`

test('the example of the reference page applies with its test cases, and its export is the same to the byte', async () => {
  const page = await readFile(new URL('../docs/mappings.md', import.meta.url), 'utf8')
  const example = /```yaml\n([\s\S]+?)```/.exec(page)![1]!
  expect(await apply(example)).toEqual([
    'add codeList units 1',
    'add mapping order/north-market 1',
    'add mapping order/mill-flat 1',
  ])
  expect(await apply(example)).toEqual([
    'none codeList units 1',
    'none mapping order/north-market 1',
    'none mapping order/mill-flat 1',
  ])
  const options = { partner: null, further: deps.further! }
  const exported = await exportConfiguration(database.store, options)
  const other = await testDatabase()
  const files = exported.map(({ path, text }) => ({ path, text }))
  await applyConfiguration(depsOf(other), files, { actor: 'test' })
  const again = await exportConfiguration(other.store, { partner: null, further: depsOf(other).further! })
  await other.drop()
  expect(again.map(({ text }) => text)).toEqual(exported.map(({ text }) => text))
})

test('the mappings of docs/examples apply, with their test cases', async () => {
  const text = await readFile(new URL('../docs/examples/mappings/flat-orders.yaml', import.meta.url), 'utf8')
  expect(await apply(text)).toEqual([
    'add codeList verdier-units 1',
    'add mapping order/verdier-shops 1',
    'add mapping order/brouwer-warehouse 1',
  ])
})

test('other rules make another version, which may be a draft, then in test, then live', async () => {
  expect(await apply(rule('one'))).toEqual(['add mapping order/life 1'])
  expect(await apply(rule('two', 'draft'))).toEqual(['change mapping order/life 2'])
  expect(await apply(rule('two', 'test'))).toEqual(['change mapping order/life 2'])
  expect(await states('order/life')).toEqual(['1 live', '2 test'])
  expect(await apply(rule('two'))).toEqual(['change mapping order/life 2'])
  expect(await states('order/life')).toEqual(['1 retired', '2 live'])
  expect(await apply(rule('two', 'retired'))).toEqual(['retire mapping order/life 2'])
  const entries = await database.admin.query(`select type from entry where type = 'config.applied'`)
  expect(entries.rowCount).toBeGreaterThan(4)
})

async function states(key: string): Promise<string[]> {
  const { rows } = await database.admin.query<{ version: number; state: string }>(
    'select version, state from mapping where key = $1 order by version',
    [key],
  )
  return rows.map(({ version, state }) => `${version} ${state}`)
}

const tested = (expected: string, state: string) => `mapping:
  key: order/tested
  direction: fromCanonical
  state: ${state}
  format: edifact
  output:
    - { set: "BGM/2", from: id }
  tests:
    - name: the number
      input:
        type: order
        version: "1"
        id: "345"
        issueDate: 2026-11-22
        function: original
        buyerCustomerParty: { party: {} }
        sellerSupplierParty: { party: {} }
        orderLine: [{ lineItem: { id: "1", quantity: { value: "1" }, item: { name: A } } }]
      output: "BGM++${expected}'"
`

test('nothing goes live while a test case fails, and the case and the difference are named', async () => {
  expect(await refused(tested('346', 'live'))).toBe(
    'm.yaml:9:7 mapping.tests[0]: the test case "the number" fails: segment 1 is `BGM++345`, expected `BGM++346`',
  )
  expect(await apply(tested('346', 'draft'))).toEqual(['add mapping order/tested 1'])
  expect(await testMappings(database, 'order/tested')).toMatchObject([
    { state: 'draft', tests: 1, faults: [expect.stringContaining('expected `BGM++346`')] },
  ])
  expect(await apply(tested('345', 'live'))).toEqual(['change mapping order/tested 2'])
})

test('a mapping goes on from the version of its base until it is rebased, and tells what changed there', async () => {
  await apply(rule('base', 'live', 'order/edifact-d96a', 'order/base'))
  await apply(rule('clone', 'live', 'order/base', 'order/clone'))
  expect(await lineageOfMapping(database, 'order/clone')).toMatchObject({
    base: { version: '1', newest: '1' },
    changes: [],
  })
  await apply(rule('changed', 'live', 'order/base', 'order/clone').replace('order/base', 'order/base'))
  await apply(rule('base two', 'live', 'order/edifact-d96a', 'order/base'))
  expect(await lineageOfMapping(database, 'order/clone')).toMatchObject({
    base: { name: 'order/base', version: '1', newest: '2' },
    changes: [
      '- canonical: {"set":"customerReference","value":"base"}',
      '+ canonical: {"set":"customerReference","value":"base two"}',
    ],
  })
  expect(await rebaseMapping(database, 'order/clone', { actor: 'test' })).toEqual({
    version: 3,
    base: 'order/base 2',
  })
  expect((await lineageOfMapping(database, 'order/clone')).changes).toEqual([])
})

test('a change of a code list runs the test cases of the live mappings that use it', async () => {
  const list = (to: string) => `codeList: { key: units, codes: [{ code: PCE, to: ${to} }] }\n`
  expect(await refused(list('XXX'))).toContain(
    'the test case "pieces become C62" fails: orderLine[0].lineItem.quantity.unitCode is "XXX", expected "C62"',
  )
})

test.each([
  [
    'a key of the library',
    rule('x', 'live', 'order/ubl-2.1', 'order/json'),
    'mapping.key: `order/json` is a mapping of the library',
  ],
  [
    'a base that is not there',
    rule('x', 'live', 'order/none'),
    'mapping.extends: there is no mapping `order/none`; there are order/edifact-d96a',
  ],
  [
    'a base that goes the other way',
    rule('x', 'live', 'order/mill-flat', 'order/wrong-way'),
    'mapping.extends: `order/mill-flat` is fromCanonical, and this mapping toCanonical',
  ],
  ['another field', rule('x').replace('direction', 'directon'), 'mapping.directon: unknown field'],
  [
    'a rule without a kind',
    rule('x').replace('set:', 'sett:'),
    'expected a rule that begins with `set`, `remove`, `each`, `member`',
  ],
  [
    'two sources',
    rule('x').replace('value:', 'from: "BGM/1", value:'),
    'mapping.canonical[0]: expected one source',
  ],
  [
    'a number as a constant',
    rule('x').replace('"x"', '5'),
    'mapping.canonical[0].value: expected a text (a number in quotes',
  ],
  [
    'a member that is not there',
    rule('x').replace('customerReference', 'custRef'),
    'm.yaml:7:9 mapping.canonical[0].set: the canonical document has no member `custRef`; expected one of type, version, id',
  ],
  [
    'a place that is none',
    rule('x').replace('value: "x"', 'from: "RFF-CR"'),
    'mapping.canonical[0].from: expected an element behind the segment',
  ],
  ['an expression that is none', rule('x').replace('value: "x"', 'expression: "1 +"'), 'SyntaxError'],
  [
    'overlapping days',
    `codeList: { key: days, codes: [{ code: A, to: B }, { code: A, to: C, from: 2026-01-01 }] }`,
    'codeList.codes[1].code: `A` stands here for days that another row is for',
  ],
  [
    'a ring of bases',
    `${rule('x', 'live', 'order/ring-b', 'order/ring-a')}---\n${rule('x', 'live', 'order/ring-a', 'order/ring-b')}`,
    'there is no mapping `order/ring-b`',
  ],
])('%s is refused with its place', async (_what, text, message) => {
  expect(await refused(text)).toContain(message)
})

test('plans change nothing', async () => {
  const before = await states('order/tested')
  await planConfiguration(deps, [{ path: 'm.yaml', text: tested('345', 'retired') }])
  expect(await states('order/tested')).toEqual(before)
})
