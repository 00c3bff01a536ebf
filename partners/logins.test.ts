import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { applyConfiguration, type ConfigurationDeps } from './apply.ts'
import { newToken } from './channels/token.ts'
import { addCredential, endCredential } from './credentials.ts'
import { createLogins } from './logins.ts'

let database: TestDatabase
let deps: ConfigurationDeps
let folder: string
const publicKey = ssh2.utils.generateKeyPairSync('ed25519')
const yamlOf = (logins: string): string => `partner:
  key: retailer
  name: Retailer
  channels:
    - { key: api, kind: https, env: live }
    - key: box
      kind: mailbox
      env: live
      logins:
${logins}`
const logins = `
        - { kind: password, username: alice, value: a-good-long-password }
        - { kind: password, username: alice, name: next, value: another-good-password }
        - { kind: password, username: alice, name: past, until: 2020-01-01, value: password-of-the-past }
        - { kind: password, username: alice, name: later, from: 2090-01-01, value: password-of-the-future }
        - { kind: password, username: flood, value: flooded-but-right-password }
        - { kind: public_key, username: alice, file: alice.pub }
`

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-logins-'))
  await writeFile(join(folder, 'alice.pub'), `${publicKey.public} alice@example\n`)
  const sealer = await openSealer({ masterKey: null, dataFolder: folder })
  deps = { store: database.store, sealer, env: {} }
  await apply(logins)
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})

function apply(text: string) {
  return applyConfiguration(deps, [{ path: join(folder, 'retailer.yaml'), text: yamlOf(text) }], {
    actor: 'cli',
  })
}

test('several passwords are good at a time, those of other days are not, nor on channels of another kind', async () => {
  const people = createLogins(database.store)
  expect(await people.byPassword('mailbox', 'alice', 'a-good-long-password')).toMatchObject({ key: 'box' })
  expect(await people.byPassword('mailbox', 'alice', 'another-good-password')).toMatchObject({ key: 'box' })
  expect(await people.byPassword('mailbox', 'alice', 'password-of-the-past')).toBeNull()
  expect(await people.byPassword('mailbox', 'alice', 'password-of-the-future')).toBeNull()
  expect(await people.byPassword('https', 'alice', 'a-good-long-password')).toBeNull()
  await people.close()
})

test('an unknown user name costs as much as a wrong password', async () => {
  const people = createLogins(database.store)
  const timed = async (user: string): Promise<number> => {
    const before = process.cpuUsage()
    expect(await people.byPassword('mailbox', user, 'not the password')).toBeNull()
    const { user: computing, system } = process.cpuUsage(before)
    return (computing + system) / 1000
  }
  await timed('warm-up')
  const unknown = await timed('nobody')
  const wrong = await timed('flood')
  // both compute Argon2id once: milliseconds of computing, however busy the machine is
  expect(unknown).toBeGreaterThan(15)
  expect(wrong).toBeGreaterThan(15)
})

test('after five wrong passwords the right one is not looked at either, for that user name alone', async () => {
  const people = createLogins(database.store)
  const tries = Array.from({ length: 12 }, (_, n) =>
    people.byPassword('mailbox', 'flood', `guess number ${n}`),
  )
  expect(await Promise.all(tries)).toEqual(tries.map(() => null))
  expect(await people.byPassword('mailbox', 'flood', 'flooded-but-right-password')).toBeNull()
  expect(await people.byPassword('mailbox', 'alice', 'a-good-long-password')).not.toBeNull()
  await people.close()
})

test('a log-in stands until its channel is suspended or its credential revoked', async () => {
  const people = createLogins(database.store)
  const channel = (await people.byPassword('mailbox', 'alice', 'another-good-password'))!
  expect(await people.stillAllowed!(channel)).toBeNull()
  expect(await people.stillAllowed!({ ...channel })).toBe('notAuthenticated')
  const suspend = (at: string) =>
    database.admin.query(`update channel set suspended_at = ${at} where id = $1`, [channel.id])
  await suspend('now()')
  expect(await people.stillAllowed!(channel)).toBe('channelSuspended')
  await suspend('null')
  const revoke = (at: string) =>
    database.admin.query(`update credential set revoked_at = ${at} where name = 'next'`)
  await revoke('now()')
  expect(await people.stillAllowed!(channel)).toBe('notAuthenticated')
  await revoke('null')
  await people.close()
})

test('a public key logs in by its bytes on the wire; another key does not', async () => {
  const people = createLogins(database.store)
  const wire = (text: string): Buffer => {
    const key = ssh2.utils.parseKey(text)
    if (key instanceof Error) throw key
    return key.getPublicSSH()
  }
  expect(await people.byPublicKey('mailbox', 'alice', wire(publicKey.public))).toMatchObject({ key: 'box' })
  const other = ssh2.utils.generateKeyPairSync('ed25519')
  expect(await people.byPublicKey('mailbox', 'alice', wire(other.public))).toBeNull()
  expect(await people.byPublicKey('mailbox', 'flood', wire(publicKey.public))).toBeNull()
  await people.close()
})

test('a token is shown once, only its hash is kept, and it ends within a second of its revocation', async () => {
  const people = createLogins(database.store)
  const wanted = { partnerKey: 'retailer', channelKey: 'api', name: 'erp', actor: 'cli' }
  const { id, token } = await addCredential(database.store, wanted)
  expect(token).toMatch(/^cd_live_[\w-]{43}$/)
  expect(await people.byToken(token)).toMatchObject({ key: 'api', kind: 'https', env: 'live' })
  expect(await people.byToken(newToken('live'))).toBeNull()
  expect(await people.byToken(`${token} `)).toBeNull()
  const { rows } = await database.admin.query(
    `select convert_from(body, 'UTF8') body, type from entry where type like 'credential.%'`,
  )
  expect(rows).toHaveLength(1)
  expect(rows[0].body).not.toContain(token)
  expect(await endCredential(database.store, id, 'cli')).toBe(true)
  expect(await endCredential(database.store, id, 'cli')).toBe(false)
  await expect.poll(() => people.byToken(token), { timeout: 5_000 }).toBeNull()
  await people.close()
})

test('a token may be given in a file, and does not come back once it is revoked', async () => {
  const people = createLogins(database.store)
  const token = newToken('test')
  const file = {
    path: 'given.yaml',
    text: `partner:
  key: given
  name: Given
  channels: [{ key: api, kind: https, env: test, logins: [{ kind: token, name: erp, env: GIVEN_TOKEN }] }]
`,
  }
  const given = { ...deps, env: { GIVEN_TOKEN: token } }
  await applyConfiguration(given, [file], { actor: 'cli' })
  const again = await applyConfiguration(given, [file], { actor: 'cli' })
  expect(again.changes.every((change) => change.action === 'none')).toBe(true)
  expect(await people.byToken(token)).toMatchObject({ key: 'api', env: 'test' })
  const { rows } = await database.admin.query(`select id from credential where name = 'erp' and kind = 'token'
    and partner_id = (select id from partner where key = 'given')`)
  await endCredential(database.store, rows[0].id, 'cli')
  await expect(applyConfiguration(given, [file], { actor: 'cli' })).rejects.toThrow('or was revoked')
  await people.close()
})

test('a token that was found is found again without a query, and its use is noted once', async () => {
  const people = createLogins(database.store)
  const wanted = { partnerKey: 'retailer', channelKey: 'api', name: 'hot', actor: 'cli' }
  const { id, token } = await addCredential(database.store, wanted)
  await people.byToken(token)
  await people.close()
  const { rows } = await database.admin.query('select last_used_at from credential where id = $1', [id])
  expect(rows[0].last_used_at).not.toBeNull()
  let queries = 0
  const count = () => void queries++
  for (const pool of [database.store.worker, database.store.portal]) pool.on('acquire', count)
  for (let n = 0; n < 50; n++) expect(await people.byToken(token)).not.toBeNull()
  for (const pool of [database.store.worker, database.store.portal]) pool.off('acquire', count)
  expect(queries).toBe(0)
  await people.close()
  const again = await database.admin.query('select last_used_at from credential where id = $1', [id])
  expect(again.rows).toEqual(rows)
})

test('only channels that take tokens get one', async () => {
  const wanted = { partnerKey: 'retailer', channelKey: 'box', name: 'erp', actor: 'cli' }
  await expect(addCredential(database.store, wanted)).rejects.toThrow('only https takes tokens')
  const unknown = { ...wanted, channelKey: 'nothing' }
  await expect(addCredential(database.store, unknown)).rejects.toThrow(
    '`retailer` has no channel `nothing`; there is `api`',
  )
})

test('a log-in that cannot be is refused with its place', async () => {
  await writeFile(
    join(folder, 'private.pem'),
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
  )
  const refused: [string, string][] = [
    ['{ kind: password, username: bob, value: short }', 'at least 12 characters'],
    ['{ kind: password, username: bob, env: NOT_THERE }', 'the environment variable NOT_THERE is not set'],
    ['{ kind: password, username: bob, file: not-there.txt }', 'the file not-there.txt cannot be read'],
    ['{ kind: public_key, username: bob, value: ssh-ed25519 AAAA }', 'expected a public key'],
    ['{ kind: public_key, username: bob, file: private.pem }', 'this is a private key'],
    [`{ kind: token, value: ${newToken('live')} }`, 'only a channel of kind https takes tokens'],
    ['{ kind: token, value: cd_test_abc }', 'expected a token: `cd_live_` and 43 characters'],
    ['{ kind: password, username: bob, value: long-enough-password, env: A }', 'expected exactly one of'],
    ['{ kind: password, value: long-enough-password }', 'username'],
  ]
  for (const [login, message] of refused) {
    const error = await apply(`        - ${login}\n`).then(
      () => 'applied',
      (thrown: Error) => thrown.message,
    )
    expect(error).toContain(message)
    expect(error).toContain('retailer.yaml:10:')
    expect(error).not.toContain('long-enough-password')
  }
})

test('a user name is of one channel only, among those of a kind', async () => {
  const text = `partner:
  key: other
  name: Other
  channels:
    - key: box
      kind: mailbox
      env: live
      logins: [{ kind: password, username: alice, value: a-good-long-password }]
`
  await expect(applyConfiguration(deps, [{ path: 'other.yaml', text }], { actor: 'cli' })).rejects.toThrow(
    'another channel of this kind has this user name',
  )
})
