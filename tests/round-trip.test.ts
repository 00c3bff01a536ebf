import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import { httpsSettings } from '#hub/transports/https/outbound.ts'
import { mailboxSettings } from '#hub/transports/mailbox/index.ts'
import { sftpSettings } from '#hub/transports/sftp/index.ts'
import { withMappings } from '#mappings/verbs.ts'
import { agreementSchema } from '#partners/agreements/schema.ts'
import { applyConfiguration, planConfiguration, type ConfigurationDeps } from '#partners/apply.ts'
import { exportConfiguration } from '#partners/export.ts'
import { partnerSchema } from '#partners/files.ts'
import { fieldsAt } from '#partners/hints.ts'
import { fullAgreement, fullCodeList, fullMapping, fullPartner } from './support/full-configuration.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'
import { fieldText, pathsOf, placedYaml, type Path } from './support/placed-yaml.ts'

/*
 * Export, apply to an empty hub, export: the same bytes, with every field that a document may have.
 */

let full: TestDatabase
let empty: TestDatabase
let parts: Pick<ConfigurationDeps, 'sealer' | 'settingsSchemas' | 'env'>

beforeAll(async () => {
  full = await testDatabase()
  empty = await testDatabase()
  parts = {
    sealer: await openSealer({ masterKey: randomBytes(32).toString('base64'), dataFolder: tmpdir() }),
    settingsSchemas: { https: httpsSettings, sftp: sftpSettings, mailbox: mailboxSettings },
    env: {},
  }
})
afterAll(async () => {
  await full.drop()
  await empty.drop()
})

interface File {
  path: string
  text: string
}

/** Live, in test and a draft of one agreement and one mapping stand side by side. */
function documents(): File[] {
  const { state: _, ...agreement } = fullAgreement
  const other = (state: string, linesMax: number) => ({
    ...agreement,
    state,
    terms: { ...agreement.terms, rails: { ...agreement.terms.rails, linesMax } },
  })
  const contents = [
    { partner: fullPartner },
    { agreement },
    { agreement: other('test', 600) },
    { agreement: other('draft', 700) },
    { codeList: fullCodeList },
    { mapping: { ...fullMapping, state: 'test', tests: [] } },
    { mapping: { ...fullMapping, name: 'Orders to come' } },
  ]
  return contents.map((content, index) => ({ path: `${index}.yaml`, text: placedYaml(content).text }))
}

async function apply(database: TestDatabase, files: readonly File[]): Promise<void> {
  await withMappings(database, (further) =>
    applyConfiguration({ ...parts, store: database.store, further }, files, { actor: 'cli' }),
  )
}

async function exported(database: TestDatabase): Promise<File[]> {
  const files = await withMappings(database, (further) =>
    exportConfiguration(database.store, { partner: null, further }),
  )
  return files.map(({ path, text }) => ({ path, text }))
}

test('an export applied to an empty hub exports to the same bytes, versions in test and drafts included', async () => {
  await apply(full, documents())
  const first = await exported(full)
  await apply(empty, first)
  const second = await exported(empty)
  expect(second).toEqual(first)
  expect(first.map(({ path }) => path)).toEqual([
    'partners/full-market.yaml',
    'agreements/full-orders.yaml',
    'code-lists/full-units.yaml',
    'mappings/order-full-market.yaml',
  ])
  expect(first[1]!.text.split('---\n')).toHaveLength(3)
  expect(first[3]!.text.split('---\n')).toHaveLength(2)
  const again = await withMappings(full, (further) =>
    planConfiguration({ ...parts, store: full.store, further }, first, { whole: true }),
  )
  expect(again.filter(({ action }) => !['none', 'missing'].includes(action))).toEqual([])
})

test('every value of the documents stands in the export', async () => {
  const text = (await exported(full)).map((file) => file.text).join('')
  const defaults = new Set(['agreement.receiver.guide'])
  for (const content of [
    { partner: fullPartner },
    { agreement: fullAgreement },
    { codeList: fullCodeList },
  ]) {
    const missing = pathsOf(content).filter((path) => {
      const value = valueAt(content, path)
      if (typeof value === 'object' || defaults.has(fieldText(path))) return false
      const written = JSON.stringify(value)
      return !text.includes(typeof value === 'string' ? written.slice(1, -1) : written)
    })
    expect(missing.map(fieldText)).toEqual([])
  }
})

test('the full documents have every field that partners and agreements may have', () => {
  for (const [kind, schema, content] of [
    ['partner', partnerSchema, fullPartner],
    ['agreement', agreementSchema, fullAgreement],
  ] as const) {
    const present = new Map<string, Set<string>>()
    for (const path of [[], ...pathsOf(content)]) {
      const value = valueAt(content, path)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
      const place = fieldText(path).replace(/\[\d+\]/g, '[]')
      present.set(place, new Set([...(present.get(place) ?? []), ...Object.keys(value)]))
    }
    const missing = [...present].flatMap(([place, names]) => {
      const path = place === '' ? [] : place.replaceAll('[]', '.0').split('.')
      return fieldsAt(schema, path)
        .filter((name) => !names.has(name))
        .map((name) => `${kind}.${place}.${name}`)
    })
    // where a secret comes from is no part of an export; minutes stand in place of the hours of a bundle
    expect(missing.filter((name) => !/\.(value|env|file|bundle\.everyMinutes)$/.test(name))).toEqual([])
  }
})

function valueAt(content: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown>)[step], content)
}
