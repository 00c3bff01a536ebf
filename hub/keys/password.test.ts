import { argon2Sync } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashPassword, unknownPersonHash, verifyPassword } from './password.ts'

test('a hash carries its parameters and its own salt, and only the password fits', async () => {
  const first = await hashPassword('correct horse')
  const second = await hashPassword('correct horse')
  expect(first).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(second).not.toBe(first)
  expect(await verifyPassword(first, 'correct horse')).toBe(true)
  expect(await verifyPassword(first, 'correct horsf')).toBe(false)
  expect(await verifyPassword(first, '')).toBe(false)
})

test('a hash with other parameters is still verified, so that the cost can be raised', async () => {
  const nonce = Buffer.alloc(16, 3)
  const tag = argon2Sync('argon2id', {
    message: 'older',
    nonce,
    parallelism: 1,
    tagLength: 32,
    memory: 19_456,
    passes: 2,
  })
  const bare = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
  expect(await verifyPassword(`$argon2id$v=19$m=19456,t=2,p=1$${bare(nonce)}$${bare(tag)}`, 'older')).toBe(
    true,
  )
})

test('what is no hash fits no password', async () => {
  for (const hash of ['', 'x', '$argon2id$v=19$m=1,t=1', '$2b$10$abc', '$argon2i$v=19$m=47104,t=1,p=1$YQ$YQ'])
    expect(await verifyPassword(hash, '')).toBe(false)
  expect(await verifyPassword(await unknownPersonHash(), '')).toBe(false)
})

test('hashing leaves the event loop free', async () => {
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 5)
  await Promise.all([1, 2, 3].map((n) => hashPassword(`password number ${n}`)))
  clearInterval(timer)
  expect(turns).toBeGreaterThan(3)
})
