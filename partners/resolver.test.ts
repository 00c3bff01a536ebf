import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import type { Agreements, Resolution, ResolveQuestion } from '#hub/model/agreement.ts'
import { reasonText } from '#hub/model/reasons.ts'
import type { Channel } from '#hub/model/transport.ts'
import { edited, exampleFiles, retailerGln, supplierGln } from '#tests/support/configuration.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { applyConfiguration, type ConfigurationDeps, type ConfigurationFile } from './apply.ts'
import { createAgreements } from './resolver.ts'
import { channelByKey } from './store/channel.ts'

let database: TestDatabase
let deps: ConfigurationDeps
let folder: string
let agreements: Agreements & { close(): void }
let box: Channel

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-resolver-'))
  const sealer = await openSealer({ masterKey: null, dataFolder: folder })
  deps = { store: database.store, sealer, env: { SUPPLIER_WEBHOOK: 'a webhook secret' } }
  await apply(exampleFiles)
  agreements = createAgreements(database.store)
  box = (await channelByKey(database.store.worker, 'retailer', 'box'))!
})
afterAll(async () => {
  agreements.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

async function apply(files: readonly ConfigurationFile[]): Promise<void> {
  await applyConfiguration(deps, files, { actor: 'cli' })
}

function yaml(text: string): ConfigurationFile {
  return { path: 'more.yaml', text }
}

/** Asks with a memory of its own, so that what was applied before counts. */
function ask(changes: Partial<ResolveQuestion> = {}): Promise<Resolution> {
  return askOf(createAgreements(database.store), changes)
}

function askOf(of: Agreements, changes: Partial<ResolveQuestion> = {}): Promise<Resolution> {
  return of.resolve({
    channel: box,
    sender: { scheme: 'gln', value: retailerGln },
    receiver: { scheme: 'gln', value: supplierGln },
    env: 'test',
    format: 'edifact',
    type: 'order',
    guide: 'EAN008',
    at: new Date('2026-11-21T12:00:00Z'),
    ...changes,
  })
}

function refusals(resolution: Resolution): string[] {
  return resolution.candidates.map(
    (candidate) =>
      `${candidate.key}: ${candidate.refused === null ? 'taken' : reasonText(candidate.refused, 'en')}`,
  )
}

test('a message finds its sender, profile, receiver, agreement, channel and names on the wire', async () => {
  const found = await ask()
  expect(found).toMatchObject({
    kind: 'resolved',
    env: 'test',
    senderPartnerId: box.partnerId,
    profile: { type: 'order', guide: '*', terms: { mapping: 'order/edifact-d96a' } },
    agreements: [
      {
        key: 'retailer-orders',
        version: 1,
        receiver: { terms: { format: 'xml' } },
        terms: { deliverWithinMinutes: 60 },
        wireSender: { scheme: 'gln', value: retailerGln },
        wireReceiver: { scheme: 'gln', value: supplierGln },
        channel: { key: 'web' },
      },
    ],
  })
  expect(refusals(found)).toEqual([
    'retailer sends order as edifact (test, guide *): taken',
    'retailer-orders version 1: taken',
  ])
})

test('a file that names nobody comes from the partner of the channel, and goes where its one agreement says', async () => {
  const found = await ask({ sender: null, receiver: null, env: null })
  expect(found).toMatchObject({
    kind: 'resolved',
    senderIdentityId: null,
    receiverIdentityId: null,
    agreements: [{ wireSender: { value: retailerGln }, wireReceiver: { value: supplierGln } }],
  })
})

test('E9 a sender that does not belong to the channel is unknown, also if another partner has the name', async () => {
  for (const sender of [
    { scheme: 'gln', value: supplierGln },
    { scheme: 'gln', value: '4000001000005' },
    { scheme: 'unb:ZZ', value: retailerGln },
  ])
    expect(await ask({ sender })).toMatchObject({
      kind: 'unresolved',
      code: 'senderUnknown',
      senderPartnerId: box.partnerId,
      profile: { partnerId: box.partnerId, terms: { acknowledgements: { syntax: 'always' } } },
    })
})

test('a receiver that nobody is, is unknown, and the profile of the sender is still told', async () => {
  const found = await ask({ receiver: { scheme: 'gln', value: '4000001000005' } })
  expect(found).toMatchObject({
    kind: 'unresolved',
    code: 'receiverUnknown',
    profile: { terms: { acknowledgements: { syntax: 'always' } } },
  })
})

test('test and live that disagree are a mismatch: of file and channel, and of name and channel', async () => {
  expect(await ask({ env: 'live' })).toMatchObject({ code: 'environmentMismatch' })
  const live = yaml(
    `partner: { key: live-only, name: Live, identities: [{ scheme: gln, value: "4000001000005", env: live }] }`,
  )
  await apply([live])
  const receiver = { scheme: 'gln', value: '4000001000005' }
  expect(await ask({ receiver, env: null })).toMatchObject({ code: 'environmentMismatch' })
})

test('without a profile for the type the code says so, and each profile of the type says why not', async () => {
  expect(await ask({ type: 'acknowledgement' })).toMatchObject({ code: 'profileMissing', candidates: [] })
  const found = await ask({ format: 'json' })
  expect(found).toMatchObject({ code: 'profileMissing' })
  expect(refusals(found)).toEqual([
    'retailer sends order as edifact (test, guide *): it is for edifact, not json',
  ])
})

test('without an agreement the code says so, and each agreement says why not', async () => {
  const third = yaml(`partner:
  key: third
  name: Third
  identities: [{ scheme: gln, value: "4012345000016", env: test }]
  channels: [{ key: api, kind: https, env: test }]
  profiles: [{ direction: receives, env: test, type: order, format: json, mapping: order/json, channel: api }]
---
agreement:
  key: third-later
  sender: { partner: retailer, env: test, type: order }
  receiver: { partner: third }
  from: 2027-01-01
---
agreement:
  key: third-draft
  sender: { partner: retailer, env: test, type: order }
  receiver: { partner: third }
  state: draft
`)
  await apply([third])
  const receiver = { scheme: 'gln', value: '4012345000016' }
  const found = await ask({ receiver })
  expect(found).toMatchObject({ code: 'agreementMissing', profile: { type: 'order' } })
  expect(refusals(found)).toEqual([
    'retailer sends order as edifact (test, guide *): taken',
    'retailer-orders version 1: it is with another receiver',
    'third-draft version 2: it is a draft',
    'third-later version 1: its dates do not include this day',
  ])
  const later = await ask({ receiver, at: new Date('2027-01-01T00:00:00Z') })
  expect(later).toMatchObject({ kind: 'resolved', agreements: [{ key: 'third-later' }] })
})

test('an agreement for any receiver takes whoever has a profile, unless one is with this very receiver', async () => {
  const anybody = yaml(`agreement:
  key: anybody
  sender: { partner: retailer, env: test, type: order }
  receiver: 'any'
`)
  await apply([anybody])
  const found = await ask({ receiver: { scheme: 'gln', value: '4012345000016' } })
  expect(found).toMatchObject({ kind: 'resolved', agreements: [{ key: 'anybody', channel: { key: 'api' } }] })
  const particular = await ask()
  expect(particular).toMatchObject({ kind: 'resolved', agreements: [{ key: 'retailer-orders' }] })
  expect(refusals(particular)).toContain(
    'anybody version 1: an agreement with this very receiver goes before it',
  )
  await apply([{ ...anybody, text: anybody.text.replace('key:', 'state: retired\n  key:') }])
})

test('several agreements with one receiver are several outputs', async () => {
  const copy = yaml(`partner:
  key: fourth
  name: Fourth
  identities: [{ scheme: gln, value: "4012345000023", env: test }]
  channels: [{ key: api, kind: https, env: test }]
  profiles:
    - { direction: receives, env: test, type: order, format: json, mapping: order/json, channel: api }
    - { direction: receives, env: test, type: order, guide: archive, format: edifact, mapping: order/edifact-d96a, channel: api }
---
agreement: { key: fourth, sender: { partner: retailer, env: test, type: order }, receiver: { partner: fourth } }
---
agreement:
  key: fourth-archive
  sender: { partner: retailer, env: test, type: order }
  receiver: { partner: fourth, guide: archive }
`)
  await apply([copy])
  const found = await ask({ receiver: { scheme: 'gln', value: '4012345000023' } })
  expect(found).toMatchObject({
    kind: 'resolved',
    agreements: [
      { key: 'fourth', receiver: { guide: '*' } },
      { key: 'fourth-archive', receiver: { guide: 'archive' } },
    ],
  })
})

test('without a receiver in the file and with several agreements the receiver is unknown', async () => {
  expect(await ask({ receiver: null })).toMatchObject({ code: 'receiverUnknown' })
})

test('a profile that changed is used by the agreements that join it, a second later at the latest', async () => {
  const question = { guide: 'EAN010' }
  expect(await askOf(agreements, question)).toMatchObject({ agreements: [{ receiver: { version: 1 } }] })
  const files = edited('supplier.yaml', 'mapping: order/ubl-2.1', 'mapping: order/ubl-2.2')
  await apply(files)
  await expect
    .poll(() => askOf(agreements, question), { timeout: 5_000 })
    .toMatchObject({
      agreements: [{ version: 1, receiver: { version: 2, terms: { mapping: 'order/ubl-2.2' } } }],
    })
})

test('the way back for answers is the channel of the profile', async () => {
  const found = await ask()
  const way = await agreements.answerWay(found.kind === 'resolved' ? found.profile : found.profile!)
  expect(way).toMatchObject({ key: 'box', kind: 'mailbox', env: 'test' })
  expect(await agreements.channel(box.id)).toEqual(box)
})

test('what was applied a moment ago is found at once, where nothing was found before', async () => {
  const receiver = { scheme: 'duns', value: '987654321' }
  expect(await askOf(agreements, { receiver, guide: '' })).toMatchObject({ code: 'receiverUnknown' })
  await apply([
    yaml(`partner:
  key: fifth
  name: Fifth
  identities: [{ scheme: duns, value: "987654321", env: test }]
  channels: [{ key: api, kind: https, env: test }]
  profiles: [{ direction: receives, env: test, type: order, format: json, mapping: order/json, channel: api }]
---
agreement: { key: fifth, sender: { partner: retailer, env: test, type: order }, receiver: { partner: fifth } }
`),
  ])
  expect(await askOf(agreements, { receiver, guide: '' })).toMatchObject({
    kind: 'resolved',
    agreements: [{ key: 'fifth' }],
  })
})

test('an intermediary speaks for the identities its channel lists and for no others', async () => {
  await apply([
    yaml(`partner:
  key: van
  name: Network
  channels:
    - key: edi
      kind: mailbox
      env: test
      identities:
        - { partner: retailer, scheme: gln, value: "${retailerGln}" }
        - { partner: fourth, scheme: gln, value: "4012345000023" }
`),
  ])
  const channel = (await channelByKey(database.store.worker, 'van', 'edi'))!
  expect(await ask({ channel, guide: '' })).toMatchObject({
    kind: 'resolved',
    senderPartnerId: box.partnerId,
  })
  expect(await ask({ channel, sender: { scheme: 'gln', value: supplierGln } })).toMatchObject({
    code: 'senderUnknown',
    senderPartnerId: channel.partnerId,
  })
  expect(await ask({ channel, sender: null })).toMatchObject({ code: 'senderUnknown' })
})

test('an internal address belongs to whoever registered it, else to the name itself, and is mirrored', async () => {
  await apply([
    yaml(`partner:
  key: branch
  name: Branch
  identities: [{ scheme: gln, value: "${supplierGln}", internal: NORTH, env: test }]
`),
  ])
  const north = await ask({ receiver: { scheme: 'gln', value: supplierGln, internal: 'NORTH' }, guide: '' })
  expect(north).toMatchObject({ code: 'agreementMissing' })
  const south = await ask({ receiver: { scheme: 'gln', value: supplierGln, internal: 'SOUTH' }, guide: '' })
  expect(south).toMatchObject({
    kind: 'resolved',
    agreements: [{ wireReceiver: { scheme: 'gln', value: supplierGln, internal: 'SOUTH' } }],
  })
})

test('only profiles of the format of the message count, and of those the one for exactly this guide goes first', async () => {
  const profile = (guide: string, format: string, mapping: string) => `
    - { direction: sends, env: test, type: order, guide: ${guide}, format: ${format}, mapping: ${mapping}, channel: box }`
  const more =
    profile('EAN008', 'edifact', 'order/edifact-d96a') +
    profile("'*'", 'json', 'order/json') +
    profile('EAN010', 'json', 'order/json')
  await apply(edited('retailer.yaml', '  profiles:', `  profiles:${more}`).slice(0, 1))
  expect(await ask()).toMatchObject({ profile: { guide: 'EAN008', terms: { format: 'edifact' } } })
  const other = await ask({ guide: 'EAN010' })
  expect(other).toMatchObject({ profile: { guide: '*', terms: { format: 'edifact' } } })
  expect(refusals(other).slice(0, 4)).toEqual([
    'retailer sends order as edifact (test, guide EAN008): it is for guide EAN008, not EAN010',
    'retailer sends order as json (test, guide *): it is for json, not edifact',
    'retailer sends order as json (test, guide EAN010): it is for json, not edifact',
    'retailer sends order as edifact (test, guide *): taken',
  ])
  expect(await ask({ format: 'json', guide: '' })).toMatchObject({
    code: 'agreementMissing',
    profile: { guide: '*', terms: { format: 'json' } },
  })
})

test('each format of a sender and of a receiver has agreements of its own', async () => {
  await apply([
    yaml(`partner:
  key: sixth
  name: Sixth
  identities: [{ scheme: gln, value: "4012345000030", env: test }]
  channels: [{ key: api, kind: https, env: test }]
  profiles:
    - { direction: receives, env: test, type: order, format: edifact, mapping: order/edifact-d96a, channel: api }
    - { direction: receives, env: test, type: order, format: xml, mapping: order/ubl-2.1, channel: api }
---
agreement:
  key: sixth-edifact-to-xml
  sender: { partner: retailer, env: test, type: order, format: edifact }
  receiver: { partner: sixth, format: xml }
---
agreement:
  key: sixth-json-to-edifact
  sender: { partner: retailer, env: test, type: order, format: json }
  receiver: { partner: sixth, format: edifact }
`),
  ])
  const receiver = { scheme: 'gln', value: '4012345000030' }
  expect(await ask({ receiver, guide: '' })).toMatchObject({
    kind: 'resolved',
    agreements: [{ key: 'sixth-edifact-to-xml', receiver: { terms: { format: 'xml' } } }],
  })
  const json = await ask({ receiver, guide: '', format: 'json' })
  expect(json).toMatchObject({
    kind: 'resolved',
    agreements: [{ key: 'sixth-json-to-edifact', receiver: { terms: { format: 'edifact' } } }],
  })
  expect(refusals(json)).toContain("sixth-edifact-to-xml version 1: it is for the sender's edifact")
})

test('an agreement for any receiver does not guess between the formats of one', async () => {
  const any = (state: string) =>
    yaml(`agreement:
  key: anybody-json
  state: ${state}
  sender: { partner: retailer, env: test, type: order, format: json, guide: EAN010 }
  receiver: 'any'
`)
  await apply([any('live')])
  const receiver = { scheme: 'gln', value: '4012345000030' }
  const found = await ask({ receiver, format: 'json', guide: 'EAN010' })
  expect(found).toMatchObject({ code: 'agreementMissing' })
  expect(refusals(found)).toContain(
    'anybody-json version 1: the receiver has several profiles for this type, and only an agreement with this very receiver can say which',
  )
  await apply([any('retired')])
})
