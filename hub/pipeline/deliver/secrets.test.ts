import { expect, test } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { newId, type ChannelId } from '#hub/model/ids.ts'
import { holdSecrets } from './secrets.ts'

test('a secret is read once for attempts that go out together, and anew a moment later', async () => {
  let now = 0
  let reads = 0
  const secrets = holdSecrets(async (_, name) => Buffer.from(`${name} ${(reads += 1)}`), {
    now: () => new Date(now),
  })
  const [one, other] = [newId<ChannelId>(), newId<ChannelId>()]
  const text = async (channel: ChannelId) => (await secrets(channel, 'password'))?.toString()
  expect(await Promise.all([text(one), text(one), text(other)])).toEqual([
    'password 1',
    'password 1',
    'password 2',
  ])
  now = limits.secretHeldMs - 1
  expect(await text(one)).toBe('password 1')
  now = limits.secretHeldMs
  expect(await text(one)).toBe('password 3')
})

test('a read that failed is not held', async () => {
  let reads = 0
  const secrets = holdSecrets(
    async () => {
      reads += 1
      if (reads === 1) throw new Error('away')
      return null
    },
    { now: () => new Date(0) },
  )
  const channel = newId<ChannelId>()
  await expect(secrets(channel, 'password')).rejects.toThrow('away')
  expect(await secrets(channel, 'password')).toBeNull()
})
