import { generateKeyPairSync } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import ssh2, { type ConnectConfig } from 'ssh2'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { makeHostKey } from '#hub/keys/host-key.ts'
import { openBox, password, user, type Box } from './box.fixture.ts'
import { rawClient } from './client.fixture.ts'
import { sourceOf } from './login.ts'

let box: Box

beforeEach(async () => {
  box = await openBox({ waits: { refusalFloorMs: 30 } })
})
afterEach(async () => {
  await box.close()
})

const ed25519 = { private: makeHostKey() }
const publicKey = (ssh2.utils.parseKey(ed25519.private) as ssh2.ParsedKey).getPublicSSH()

/** Instead of the usual box: one that lets nobody stay long without logging in. */
async function impatient(): Promise<void> {
  await box.close()
  box = await openBox({ waits: { refusalFloorMs: 30, loginGraceMs: 200 } })
}

describe('log-in', () => {
  test('by password, and by a key that the channel has', async () => {
    box.publicKeys.push(publicKey)
    expect(await login({ password })).toBe('in')
    expect(await login({ privateKey: ed25519.private })).toBe('in')
  })

  test('a key that nobody registered, and a known key under another name, are refused', async () => {
    expect(await login({ privateKey: ed25519.private })).toBe('client-authentication')
    box.publicKeys.push(publicKey)
    expect(await login({ username: 'other', privateKey: ed25519.private })).toBe('client-authentication')
  })

  test('a known key with another one’s signature is refused', async () => {
    box.publicKeys.push(publicKey)
    const mine = ssh2.utils.parseKey(ed25519.private) as ssh2.ParsedKey
    const other = ssh2.utils.parseKey(makeHostKey()) as ssh2.ParsedKey
    const forged = Object.create(mine, {
      sign: { value: (data: Buffer, hash?: string) => other.sign(data, hash) },
    }) as ssh2.ParsedKey
    const handler = [{ type: 'publickey', username: user, key: forged }] as never
    expect(await login({ authHandler: handler })).toBe('client-authentication')
    // the offer was looked up and found; the signature was not good, so nobody was asked again
    expect(box.verified.keys).toBe(1)
  })

  test('RSA below 2048 bits and DSA are refused without a look', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const pem = weak.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    box.publicKeys.push((ssh2.utils.parseKey(pem) as ssh2.ParsedKey).getPublicSSH())
    expect(await login({ privateKey: pem })).toBe('client-authentication')
    expect(box.verified.keys).toBe(0)
  })
})

describe('S5 S6 what is offered', () => {
  test('S5 the key exchange is strict, without chacha20-poly1305 and CBC', async () => {
    const offer = await keyExchangeOffer()
    expect(offer).toContain('kex-strict-s-v00@openssh.com')
    expect(offer).not.toMatch(/chacha20|cbc/)
  })

  test('S6 no SHA-1, no group 14 with SHA-1, no zlib, and no ssh-rsa', async () => {
    const offer = await keyExchangeOffer()
    expect(offer).not.toMatch(/hmac-sha1|group14-sha1|group1-|zlib|ssh-rsa|ssh-dss|md5/)
  })

  test.each([
    { hmac: ['hmac-sha1'], cipher: ['aes128-ctr'] },
    { kex: ['diffie-hellman-group14-sha1'] },
    { cipher: ['aes128-cbc'] },
    { cipher: ['chacha20-poly1305@openssh.com'] },
    { compress: ['zlib'] },
    { serverHostKey: ['ssh-rsa'] },
  ])('S6 a client that only has %o finds no match', async (algorithms) => {
    expect(
      await login({ password, algorithms: algorithms as NonNullable<ConnectConfig['algorithms']> }),
    ).toBe('handshake')
    expect(box.verified.passwords).toBe(0)
  })
})

describe('S8 guessing', () => {
  test('the connection ends after three passwords', async () => {
    let asked = 0
    const said = await login({
      authHandler: ((_left: unknown, _partial: unknown, next: (method: unknown) => void) => {
        asked += 1
        next({ type: 'password', username: user, password: `guess ${asked}` })
      }) as never,
    })
    expect(said).not.toBe('in')
    expect(box.verified.passwords).toBe(limits.sftpLoginTries)
  })

  test('however many guesses come, fewer than 20 reach the verifier', async () => {
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        Array.from({ length: 15 }, (_, index) => login({ username: `user${index}`, password: 'guess' })),
      )
    }
    expect(box.verified.passwords).toBeLessThan(20)
    // and then also the right one is refused, from this address
    expect(await login({ password })).toBe('client-authentication')
  })

  test('a user who fails five times is not looked at again, but another is', async () => {
    for (let tries = 0; tries < 7; tries++) await login({ password: 'guess' })
    expect(box.verified.passwords).toBe(limits.sftpFailuresPerUser)
    expect(await login({ password })).toBe('client-authentication')
    expect(await login({ username: 'other', password })).toBe('client-authentication')
    expect(box.verified.passwords).toBe(limits.sftpFailuresPerUser + 1)
  })

  test('a client may ask about six keys, not more', async () => {
    const keys = Array.from({ length: 10 }, makeHostKey)
    await login({
      authHandler: keys.map((key) => ({ type: 'publickey' as const, username: user, key })),
    })
    expect(box.verified.keys).toBe(limits.sftpKeysOffered)
  })

  test('a refusal takes no less than its floor, whether the user exists or not', async () => {
    const times: Record<string, number[]> = { [user]: [], nobody: [] }
    for (let round = 0; round < 4; round++) {
      for (const username of [user, 'nobody']) {
        const start = performance.now()
        await login({ username, password: 'guess' })
        times[username]!.push(performance.now() - start)
      }
    }
    for (const all of Object.values(times)) expect(Math.min(...all)).toBeGreaterThanOrEqual(30)
  })

  test('who connects and says nothing, or never logs in, is cut off', async () => {
    await impatient()
    const silent = connect(box.server.port, '127.0.0.1')
    await gone(silent)
    const talking = connect(box.server.port, '127.0.0.1')
    talking.write('SSH-2.0-slow\r\n')
    await gone(talking)
  })

  test('who has logged in stays beyond the grace time', async () => {
    await impatient()
    const client = await rawClient(box)
    const silent = connect(box.server.port, '127.0.0.1')
    await gone(silent)
    expect(await client.stat('/inbox')).toBe(0)
  })

  test('one address may have 20 connections that have not logged in; others are not affected by the rest', async () => {
    await impatient()
    const client = await rawClient(box)
    const sockets = Array.from({ length: 40 }, () =>
      connect(box.server.port, '127.0.0.1').on('error', () => {}),
    )
    let closed = 0
    for (const socket of sockets) socket.on('close', () => (closed += 1)).resume()
    await vi.waitFor(() => expect(closed).toBeGreaterThanOrEqual(20))
    expect(await client.stat('/inbox')).toBe(0)
    await vi.waitFor(() => expect(closed).toBe(40), { timeout: 5_000 })
  })

  test('addresses are counted as one client has them: IPv6 by its /64', () => {
    expect(sourceOf('2001:db8:1:2:3::4')).toBe(sourceOf('2001:db8:1:2:ffff::'))
    expect(sourceOf('2001:db8:1:2::')).not.toBe(sourceOf('2001:db8:1:3::'))
    expect(sourceOf('::ffff:192.0.2.1')).toBe(sourceOf('192.0.2.1'))
  })
})

test('idle connections end', async () => {
  await box.close()
  box = await openBox({ waits: { refusalFloorMs: 10, idleMs: 100 } })
  const client = await rawClient(box)
  await gone(client.socket)
})

test('closing the server ends every connection and waits for commits under way', async () => {
  let commit = (): void => {}
  box.gate = new Promise((resolve) => (commit = resolve))
  const client = await rawClient(box)
  void client.put('/inbox/a.edi', Buffer.from('x'))
  await vi.waitFor(async () => expect(await client.stat('/inbox/a.edi')).toBe(1))
  await new Promise((resolve) => setImmediate(resolve))
  let closed = false
  const closing = box.close().then(() => (closed = true))
  await gone(client.socket)
  expect(closed).toBe(false)
  commit()
  await closing
})

/** `in`, or the level at which ssh2's client says it failed. */
function login(config: ConnectConfig): Promise<string> {
  return new Promise((resolve) => {
    const client = new ssh2.Client()
    client.on('ready', () => {
      resolve('in')
      client.end()
    })
    client.on('error', (error: Error & { level?: string }) => resolve(error.level ?? 'error'))
    client.on('close', () => resolve('closed'))
    client.connect({ host: '127.0.0.1', port: box.server.port, username: user, ...config })
  })
}

function keyExchangeOffer(): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(box.server.port, '127.0.0.1')
    let text = ''
    socket.on('data', (data) => {
      text += data.toString('latin1')
      if (text.includes('none')) {
        resolve(text)
        socket.destroy()
      }
    })
    socket.write('SSH-2.0-probe\r\n')
  })
}

function gone(socket: Socket): Promise<unknown> {
  socket.on('error', () => {}).resume()
  return socket.destroyed ? Promise.resolve() : new Promise((resolve) => socket.once('close', resolve))
}
