import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import type { Resolution, ResolveQuestion } from '#hub/model/agreement.ts'
import type { WireIdentity } from '#hub/model/format.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { applyConfiguration, type ConfigurationDeps } from './apply.ts'
import { gs1CheckDigit } from './identities/check-digit.ts'
import { createAgreements } from './resolver.ts'
import { channelByKey } from './store/channel.ts'

let database: TestDatabase
let deps: ConfigurationDeps
let folder: string

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-disagreement-'))
  deps = {
    store: database.store,
    sealer: await openSealer({ masterKey: null, dataFolder: folder }),
    env: {},
  }
  await apply(shop('shop', both(gln(1)), ['test', 'live']))
  await apply(mill('mill', both(gln(2)), ['test', 'live']))
  await apply(agreement('test-orders', 'test'), agreement('live-orders', 'live'))
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})

type Env = 'test' | 'live'

function gln(number: number): string {
  const digits = `40123450${String(number).padStart(4, '0')}`
  return `${digits}${gs1CheckDigit(digits)}`
}

function both(value: string): string {
  return `[{ scheme: gln, value: "${value}", env: test }, { scheme: gln, value: "${value}", env: live }]`
}

function shop(key: string, identities: string, envs: readonly Env[]): string {
  const profile = (env: Env) =>
    `{ direction: sends, env: ${env}, type: order, format: edifact, mapping: order/edifact-d96a, channel: ${env} }`
  return `partner: { key: ${key}, name: Shop, identities: ${identities}, channels: [{ key: test, kind: mailbox, env: test }, { key: live, kind: mailbox, env: live }], profiles: [${envs.map(profile).join(', ')}] }`
}

function mill(key: string, identities: string, envs: readonly Env[]): string {
  const profile = (env: Env) =>
    `{ direction: receives, env: ${env}, type: order, format: xml, mapping: order/ubl-2.1, channel: ${env} }`
  return `partner: { key: ${key}, name: Mill, identities: ${identities}, channels: [{ key: test, kind: mailbox, env: test }, { key: live, kind: mailbox, env: live }], profiles: [${envs.map(profile).join(', ')}] }`
}

function agreement(key: string, env: Env, more = '', ends = { sender: 'shop', receiver: 'mill' }): string {
  return `agreement: { key: ${key}, sender: { partner: ${ends.sender}, env: ${env}, type: order }, receiver: { partner: ${ends.receiver} }${more} }`
}

async function apply(...texts: string[]): Promise<void> {
  const files = texts.map((text, index) => ({ path: `${index}.yaml`, text }))
  await applyConfiguration(deps, files, { actor: 'cli' })
}

interface Asked extends Partial<Omit<ResolveQuestion, 'channel'>> {
  channel?: string
}

async function ask({ channel = 'shop/test', ...changes }: Asked = {}): Promise<Resolution> {
  const [partner, key] = channel.split('/')
  const agreements = createAgreements(database.store)
  return agreements.resolve({
    channel: (await channelByKey(database.store.worker, partner!, key!))!,
    sender: { scheme: 'gln', value: gln(1) },
    receiver: { scheme: 'gln', value: gln(2) },
    env: null,
    format: 'edifact',
    type: 'order',
    guide: '',
    at: new Date('2026-11-21T12:00:00Z'),
    ...changes,
  })
}

function reasonsOf({ candidates }: Resolution): (string | null)[] {
  return candidates.map(({ refused }) => refused?.reason ?? null)
}

describe('test and live that disagree are rejected', () => {
  test('nothing disagrees: both environments find their own agreement', async () => {
    expect(await ask({ env: 'test' })).toMatchObject({ agreements: [{ key: 'test-orders' }] })
    const live = await ask({ channel: 'shop/live', env: 'live' })
    expect(live).toMatchObject({ env: 'live', agreements: [{ key: 'live-orders' }] })
  })

  test('channel and UNB 0035', async () => {
    expect(await ask({ env: 'live' })).toMatchObject({ code: 'environmentMismatch' })
    expect(await ask({ channel: 'shop/live', env: 'test' })).toMatchObject({ code: 'environmentMismatch' })
  })

  test('channel and identity, of the sender and of the receiver', async () => {
    await apply(shop('shop-live', `[{ scheme: gln, value: "${gln(3)}", env: live }]`, ['test']))
    const sender = await ask({ channel: 'shop-live/test', sender: { scheme: 'gln', value: gln(3) } })
    expect(sender).toMatchObject({ code: 'environmentMismatch' })
    expect(reasonsOf(sender)).toContain('identityElsewhere')
    await apply(mill('mill-live', `[{ scheme: gln, value: "${gln(4)}", env: live }]`, ['test']))
    const receiver = await ask({ receiver: { scheme: 'gln', value: gln(4) } })
    expect(receiver).toMatchObject({ code: 'environmentMismatch' })
    expect(reasonsOf(receiver)).toContain('identityElsewhere')
  })

  test('UNB 0035 and identity: the channel agrees with neither the one nor the other alone', async () => {
    const asked = { channel: 'shop-live/test', sender: { scheme: 'gln', value: gln(3) } }
    // the file says live as its identity does, and came over the test channel
    expect(await ask({ ...asked, env: 'live' })).toMatchObject({ code: 'environmentMismatch' })
    // the file says test as the channel does, and its identity is for live
    expect(await ask({ ...asked, env: 'test' })).toMatchObject({ code: 'environmentMismatch' })
  })

  test('channel and agreement: what was agreed is for the other environment', async () => {
    await apply(mill('mill-later', both(gln(5)), ['test', 'live']))
    await apply(agreement('later-live', 'live', '', { sender: 'shop', receiver: 'mill-later' }))
    const found = await ask({ receiver: { scheme: 'gln', value: gln(5) } })
    expect(found).toMatchObject({ code: 'environmentMismatch', profile: { env: 'test' } })
    expect(found.candidates).toContainEqual({
      kind: 'agreement',
      key: 'later-live version 1',
      refused: { reason: 'environmentOther', is: 'live', asked: 'test' },
    })
  })

  test('identity and agreement, with a profile for the other environment alone', async () => {
    await apply(shop('shop-half', both(gln(6)), ['live']))
    const sender = { scheme: 'gln', value: gln(6) }
    const found = await ask({ channel: 'shop-half/test', sender })
    // no profile is told: what is for live says nothing about how a test is answered
    expect(found).toMatchObject({ code: 'environmentMismatch', profile: null })
    expect(reasonsOf(found)).toEqual(['environmentOther'])
  })

  test('UNB 0035 and agreement: a live agreement is not taken for a file that says test', async () => {
    const receiver = { scheme: 'gln', value: gln(5) }
    expect(await ask({ receiver, env: 'test' })).toMatchObject({ code: 'environmentMismatch' })
    expect(await ask({ receiver, env: 'live', channel: 'shop/live' })).toMatchObject({ kind: 'resolved' })
  })
})

describe('names on the wire', () => {
  test('a GLN that changes hands at a date is the old owner’s until that day, and the new one’s from then on', async () => {
    const dated = (words: string) => `[{ scheme: gln, value: "${gln(10)}", env: test, ${words} }]`
    await apply(
      mill('old-mill', dated('until: 2026-12-01'), ['test']),
      mill('new-mill', dated('from: 2026-12-01'), ['test']),
    )
    const to = { sender: 'shop', receiver: 'old-mill' }
    await apply(
      agreement('old', 'test', '', to),
      agreement('new', 'test', '', { ...to, receiver: 'new-mill' }),
    )
    const receiver = { scheme: 'gln', value: gln(10) }
    const before = await ask({ receiver, at: new Date('2026-11-30T23:59:59.999Z') })
    const after = await ask({ receiver, at: new Date('2026-12-01T00:00:00Z') })
    expect(before).toMatchObject({ agreements: [{ key: 'old' }] })
    expect(after).toMatchObject({ agreements: [{ key: 'new' }] })
    await expect(apply(mill('third-mill', dated('from: 2026-11-30'), ['test']))).rejects.toThrow(
      'belongs to partner `old-mill` at that time',
    )
  })

  test('a name that has ended is unknown, and the hub’s people see whose it was', async () => {
    await apply(
      mill('gone', `[{ scheme: gln, value: "${gln(11)}", env: test, until: 2026-01-01 }]`, ['test']),
    )
    const found = await ask({ receiver: { scheme: 'gln', value: gln(11) } })
    expect(found).toMatchObject({ code: 'receiverUnknown' })
    expect(found.candidates).toContainEqual({
      kind: 'identity',
      key: `gln:${gln(11)}`,
      refused: { reason: 'identityDated', partner: 'gone' },
    })
  })

  test('the most exact name has the document: with address and sub-identification, with address, the name alone', async () => {
    const name = `scheme: gln, value: "${gln(12)}", env: test`
    await apply(
      mill('whole', `[{ ${name} }]`, ['test']),
      mill('north', `[{ ${name}, internal: NORTH }]`, ['test']),
      mill('dock', `[{ ${name}, internal: NORTH, internalSub: "7" }]`, ['test']),
    )
    const whose = async (address: Partial<WireIdentity>) =>
      (await ask({ receiver: { scheme: 'gln', value: gln(12), ...address } })).receiverPartnerId
    const ids = await database.admin.query<{ key: string; id: string }>('select key, id from partner')
    const keyOf = new Map(ids.rows.map(({ key, id }) => [id, key]))
    expect(keyOf.get((await whose({}))!)).toBe('whole')
    expect(keyOf.get((await whose({ internal: 'SOUTH' }))!)).toBe('whole')
    expect(keyOf.get((await whose({ internal: 'NORTH' }))!)).toBe('north')
    expect(keyOf.get((await whose({ internal: 'NORTH', internalSub: '8' }))!)).toBe('north')
    expect(keyOf.get((await whose({ internal: 'NORTH', internalSub: '7' }))!)).toBe('dock')
  })

  test('the name alone opens no address that another partner has', async () => {
    const name = `scheme: gln, value: "${gln(13)}", env: test`
    await apply(
      shop('bare', `[{ ${name} }]`, ['test']),
      shop('branch', `[{ ${name}, internal: BRANCH }]`, ['test']),
    )
    const sender = { scheme: 'gln', value: gln(13), internal: 'BRANCH' }
    const spoofed = await ask({ channel: 'bare/test', sender })
    expect(spoofed).toMatchObject({ code: 'senderUnknown' })
    expect(spoofed.candidates[0]?.refused).toEqual({ reason: 'mayNotSpeak', partner: 'branch' })
    expect(await ask({ channel: 'branch/test', sender })).toMatchObject({ code: 'agreementMissing' })
    const own = { ...sender, internal: 'ELSEWHERE' }
    expect(await ask({ channel: 'bare/test', sender: own })).toMatchObject({ code: 'agreementMissing' })
  })
})

describe('an intermediary’s channel', () => {
  const partners = Array.from({ length: 200 }, (_, index) => index + 100)

  test('speaks for 200 identities, each with the profile of its own partner, and for no other', async () => {
    await apply(...partners.map((one) => shop(`shop-${one}`, both(gln(one)), ['test'])))
    await apply(
      ...partners.map((one) =>
        agreement(`orders-${one}`, 'test', '', { sender: `shop-${one}`, receiver: 'mill' }),
      ),
    )
    const listed = partners.map((one) => `{ partner: shop-${one}, scheme: gln, value: "${gln(one)}" }`)
    await apply(
      `partner: { key: van, name: Network, channels: [{ key: edi, kind: mailbox, env: test, identities: [${listed.join(', ')}] }] }`,
    )
    const channel = 'van/edi'
    for (const one of [100, 173, 299]) {
      const found = await ask({ channel, sender: { scheme: 'gln', value: gln(one) } })
      expect(found).toMatchObject({ kind: 'resolved', agreements: [{ key: `orders-${one}` }] })
    }
    const spoofed = await ask({ channel, sender: { scheme: 'gln', value: gln(1) } })
    expect(spoofed).toMatchObject({ code: 'senderUnknown' })
    expect(spoofed.candidates[0]).toEqual({
      kind: 'identity',
      key: `gln:${gln(1)}`,
      refused: { reason: 'mayNotSpeak', partner: 'shop' },
    })
    expect(spoofed.senderPartnerId).not.toBe((await ask()).senderPartnerId)
  })

  test('a name that the intermediary’s client has for live only is a mismatch on the test channel', async () => {
    await apply(
      shop(
        'client',
        `[{ scheme: gln, value: "${gln(400)}", env: live }, { scheme: gln, value: "${gln(401)}", env: test }]`,
        ['test'],
      ),
    )
    await apply(
      `partner: { key: post, name: Post, channels: [{ key: edi, kind: mailbox, env: test, identities: [{ partner: client, scheme: gln, value: "${gln(401)}" }] }] }`,
    )
    const found = await ask({ channel: 'post/edi', sender: { scheme: 'gln', value: gln(400) } })
    expect(found).toMatchObject({ code: 'environmentMismatch' })
  })
})

describe('a version in test', () => {
  test('takes part in documents of the test environment in place of the live one', async () => {
    const rails = ', terms: { rails: { linesMax: 5 } }'
    await apply(agreement('test-orders', 'test'), agreement('test-orders', 'test', `${rails}, state: test`))
    const found = await ask()
    expect(found).toMatchObject({
      agreements: [{ key: 'test-orders', version: 2, terms: { rails: { linesMax: 5 } } }],
    })
  })

  test('takes no part in the live environment, where the live version stays', async () => {
    const rails = ', terms: { rails: { linesMax: 5 } }'
    await apply(agreement('live-orders', 'live'), agreement('live-orders', 'live', `${rails}, state: test`))
    const found = await ask({ channel: 'shop/live' })
    expect(found).toMatchObject({ agreements: [{ key: 'live-orders', version: 1, terms: {} }] })
  })

  test('goes live, and retires what was live', async () => {
    const rails = ', terms: { rails: { linesMax: 5 } }'
    await apply(agreement('live-orders', 'live', rails))
    expect(await ask({ channel: 'shop/live' })).toMatchObject({ agreements: [{ version: 2 }] })
    const { rows } = await database.admin.query(
      `select version, state from agreement where key = 'live-orders' order by version`,
    )
    expect(rows).toEqual([
      { version: 1, state: 'retired' },
      { version: 2, state: 'live' },
    ])
  })

  test('of a thing that was never live is a reason not to take it', async () => {
    await apply(mill('mill-tried', both(gln(20)), ['live']))
    await apply(agreement('only-test', 'live', ', state: test', { sender: 'shop', receiver: 'mill-tried' }))
    const found = await ask({ channel: 'shop/live', receiver: { scheme: 'gln', value: gln(20) } })
    expect(found).toMatchObject({ code: 'agreementMissing' })
    expect(found.candidates).toContainEqual({
      kind: 'agreement',
      key: 'only-test version 1',
      refused: { reason: 'stateOther', state: 'test' },
    })
  })
})
