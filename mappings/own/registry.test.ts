import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Agreements, Profile, Resolution } from '#hub/model/agreement.ts'
import { pinnedMapping } from '#hub/model/mapping.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { createSandbox } from '#mappings/sandbox/index.ts'
import { insertMapping, setMappingState, type MappingRow } from '#mappings/store/mapping.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { mappingSchema, type MappingState } from './document.ts'
import { createRegistry } from './registry.ts'

const sandbox = createSandbox()
let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await sandbox.close()
  await database.drop()
})

function version(number: number, state: MappingState, value: string): MappingRow {
  const { state: _, ...facts } = mappingSchema.parse({
    key: 'order/pinned',
    direction: 'fromCanonical',
    format: 'json',
    output: [{ set: 'is', value }],
  })
  return { key: 'order/pinned', version: number, state, facts, base: null }
}

async function change(work: (client: Parameters<typeof insertMapping>[0]) => Promise<void>): Promise<void> {
  const client = await database.store.worker.connect()
  await work(client)
  await client.query('update config_version set version = version + 1')
  client.release()
}

/** Agreements that always find one profile of each environment, which names the mapping. */
function agreementsFor(env: 'test' | 'live', mapping = 'order/pinned'): Agreements {
  const profile = { env, terms: { mapping } } as unknown as Profile
  const resolution = { kind: 'unresolved', profile } as unknown as Resolution
  return { resolve: async () => resolution, answerWay: async () => null, channel: async () => null }
}

async function pinnedName(
  registry: ReturnType<typeof createRegistry>,
  env: 'test' | 'live',
): Promise<string> {
  const { profile } = await registry.pinned(agreementsFor(env)).resolve({} as never)
  return profile!.terms.mapping
}

async function writes(registry: ReturnType<typeof createRegistry>, name: string): Promise<unknown> {
  const context = { sender: null, receiver: null, settings: {} }
  const { tree } = await registry.mappings.fromCanonical(name, { type: 'order' }, context)
  return (tree as { is: string }).is
}

test('test documents take the version in test, live ones the live one, and each name stays what it was', async () => {
  const registry = createRegistry({ store: database.store, library: libraryMappings, sandbox })
  await change((client) => insertMapping(client, version(1, 'live', 'one')))
  expect(await pinnedName(registry, 'live')).toBe('order/pinned@1')
  await change((client) => insertMapping(client, version(2, 'test', 'two')))
  const other = createRegistry({ store: database.store, library: libraryMappings, sandbox })
  expect(await pinnedName(other, 'live')).toBe('order/pinned@1')
  expect(await pinnedName(other, 'test')).toBe('order/pinned@2')
  expect([await writes(other, 'order/pinned@1'), await writes(other, 'order/pinned@2')]).toEqual([
    'one',
    'two',
  ])
  expect(await writes(other, 'order/pinned')).toBe('one')
})

test('a version that was retired is there for documents that are pinned to it', async () => {
  await change(async (client) => {
    await setMappingState(client, 'order/pinned', [1], 'retired')
    await setMappingState(client, 'order/pinned', [2], 'live')
  })
  const registry = createRegistry({ store: database.store, library: libraryMappings, sandbox })
  expect(await pinnedName(registry, 'live')).toBe('order/pinned@2')
  const name = pinnedMapping('order/pinned', '1; units 3')
  expect(registry.mappings.has(name)).toBe(false)
  await registry.prepare([name, 'order/json@1'])
  expect(await writes(registry, name)).toBe('one')
  expect(registry.mappings.has('order/json@1')).toBe(true)
  expect(() => registry.mappings.formatOf('order/pinned@9')).toThrow(
    expect.objectContaining({ code: 'mappingMissing' }),
  )
})
